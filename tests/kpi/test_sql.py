"""Measures become one query: an aggregate for each window, over the records that count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pytest

from kpi.catalogue import CATALOGUE
from kpi.model import Combine, Filter, Measure
from kpi.relations import BY_NAME
from kpi.spans import Window
from kpi.sql import Cell, compose, depends_on_window, shape_of

ALL = Measure("deals", "count(*)", dated_by="at")
WON = Measure("deals", "count(*) filter (where status = 'won' or status = 'Won')", dated_by="at")
SHARE = Measure("deals", "sum(value) filter (where status = 'won') - sum(value)", dated_by="at")
UNDATED = Measure("deals", "count(*)")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def window(start, end):
    return Window(start, end, now=end, is_current=False, day_at=start, today_at=start)


@pytest.fixture(name="run")
def _run():
    with duckdb.connect() as connection:
        connection.execute(
            'create table deals (rep_id varchar, "at" timestamp, status varchar, value bigint, kind varchar)'
        )
        rows = [
            ("a:1", NOON - TICK, "won", 1, "x"),
            ("a:1", NOON, "won", 10, "x"),
            ("a:1", NOON + TICK, "lost", 100, None),
            ("a:'; drop table deals; --", NOON, "Won", 1000, "y"),
            (None, NOON, "lost", 10000, "y"),
            ("a:$1", None, "won", 100000, "x"),
        ]
        at = [[r, t and t.replace(tzinfo=None), *rest] for r, t, *rest in rows]
        connection.executemany("insert into deals values (?, ?, ?, ?, ?)", at)

        def run(*cells, reps=None):
            by = cells[0].by
            sql = compose(shape_of(cells[0]), cells, owner="rep_id", reps=reps, dialect="duckdb")
            return {row[: 1 + len(by)] if by else row[0]: row[1 + len(by) :] for row in connection.sql(sql).fetchall()}

        yield run


def test_a_window_holds_its_start_and_not_its_end(run):
    found = run(Cell(ALL, window(NOON, NOON + TICK)), Cell(ALL, window(NOON - TICK, NOON)))
    assert found == {"a:1": (1, 1), "a:'; drop table deals; --": (1, 0), None: (1, 0)}


def test_windows_may_overlap(run):
    wide, narrow = window(NOON - TICK, NOON + 2 * TICK), window(NOON, NOON + 2 * TICK)
    assert run(Cell(ALL, wide), Cell(ALL, narrow))["a:1"] == (3, 2)


def test_an_empty_window_holds_nothing(run):
    assert run(Cell(ALL, window(NOON, NOON))) == {}


def test_a_measures_own_filter_holds_within_the_window(run):
    found = run(Cell(WON, window(NOON, NOON + 2 * TICK)))
    assert found == {"a:1": (1,), "a:'; drop table deals; --": (1,), None: (0,)}


def test_each_aggregate_of_an_expression_is_held_to_the_window(run):
    assert run(Cell(SHARE, window(NOON, NOON + 2 * TICK)))["a:1"] == (10 - 110,)


def test_a_measure_without_a_date_counts_whatever_the_window(run):
    found = run(Cell(UNDATED, None), Cell(ALL, window(NOON, NOON + TICK)))
    assert found["a:1"] == (3, 1)
    assert found["a:$1"] == (1, 0)


def test_only_the_reps_asked_for_are_read_whatever_their_ids_hold(run):
    reps = {"a:'; drop table deals; --", "a:$1", "a:nobody", None}
    assert run(Cell(UNDATED, None), reps=reps) == {"a:'; drop table deals; --": (1,), "a:$1": (1,), None: (1,)}


def test_no_reps_at_all_read_nothing(run):
    assert run(Cell(UNDATED, None), reps=frozenset()) == {}


def test_a_dimension_splits_each_reps_sums(run):
    found = run(Cell(ALL, window(NOON - TICK, NOON + 2 * TICK), by=("kind",)), reps={"a:1"})
    assert found == {("a:1", "x"): (2,), ("a:1", None): (1,)}


def test_an_instant_of_any_offset_is_the_same_instant(run):
    east = NOON.astimezone(timezone(timedelta(hours=7)))
    assert run(Cell(ALL, window(east, east + TICK))) == run(Cell(ALL, window(NOON, NOON + TICK)))


def test_a_filter_by_value_ignores_case_and_knows_what_is_empty(run):
    whole = window(NOON - TICK, NOON + 2 * TICK)
    chosen = Filter("kind", ("X",))
    assert run(Cell(ALL, whole, where=(chosen,))) == {"a:1": (2,)}
    assert run(Cell(ALL, whole, where=(replace(chosen, excluded=True),)))["a:1"] == (1,)
    assert run(Cell(ALL, whole, where=(Filter("kind", ("(none)",)),))) == {"a:1": (1,)}
    assert run(Cell(ALL, whole, where=(Filter("kind", ("x'; drop table deals; --",)),))) == {}


def test_a_measure_in_two_steps_counts_the_groups_of_its_records(run):
    each = (("first_at", "min(at)"), ("n", "count(*)"))
    peak = Measure("deals", "max(n)", dated_by="at", per=("kind",), each=each, combine=Combine.MAX)
    early = Measure(
        "deals", "count(*) filter (where first_at < $start + interval 1 microsecond)", "at", None, ("kind",), each
    )
    whole = window(NOON - TICK, NOON + 2 * TICK)
    assert run(Cell(peak, whole))["a:1"] == (2,)
    assert run(Cell(early, whole))["a:1"] == (1,)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_every_measure_of_the_catalogue_is_written_in_each_dialect(dialect):
    for kpi in CATALOGUE.values():
        for measure in kpi.measures.values():
            assert measure.relation in BY_NAME
            cell = Cell(measure, window(NOON, NOON + TICK))
            sql = compose(shape_of(cell), [cell], owner="rep_id", reps=frozenset({"a'b"}), dialect=dialect)
            assert "'a''b'" in sql
            assert "scoreline_" not in sql
            if measure.dated_by or measure.held_at:
                assert depends_on_window(measure)
                assert "2026-03-01 12:00:00" in sql
