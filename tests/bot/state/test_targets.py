"""Targets in the state: one stands on a key, no change loses anything, and each can be undone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.state import Change, StateError, TargetBook, open_state
from kpi.model import ScopeType
from kpi.targets import Origin, StatedTarget, Target, TargetKey

COMPANY = TargetKey("bookings", ScopeType.COMPANY, None, "2026-Q4")
TEAM = TargetKey("bookings", ScopeType.TEAM, "files:T1", "2026-Q4")
REP = TargetKey("deals", ScopeType.REP, "files:R1", "2026-11")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    state = open_state("sqlite:///state.db", tmp_path)
    yield state
    state.close()


@pytest.fixture
def book(state):
    ticks = iter(range(1000))
    return TargetBook(state, author="ana", clock=lambda: NOW + timedelta(minutes=next(ticks)))


def of(value, kind="money", origin=Origin.SET, whole=None):
    return Target(Decimal(value), kind, origin, whole)


def stated(key, value, **more):
    return StatedTarget(key, of(value, **more))


def standing(book):
    return {entry.key: entry.target for entry in book.entries()}


def test_what_is_written_stands_as_it_was_written(book):
    part = stated(TEAM, "33333.3334", origin=Origin.SPLIT, whole=COMPANY)
    yes = stated(REP, 1, kind="yes_no")

    changes = book.write([stated(COMPANY, "99999999999999.9999"), part, yes])

    assert standing(book) == {COMPANY: of("99999999999999.9999"), TEAM: part.target, REP: yes.target}
    assert changes == [
        Change(COMPANY, None, of("99999999999999.9999")),
        *(Change(o.key, None, o.target) for o in (part, yes)),
    ]
    entry = book.entries()[0]
    assert (entry.set_by, entry.set_at, entry.ended_at) == ("ana", NOW, None)


def test_what_is_replaced_or_taken_away_is_kept_in_the_history(book):
    book.write([stated(COMPANY, 1)])
    book.write([stated(COMPANY, 2)])
    book.write([], removed=[COMPANY])

    assert book.entries() == []
    first, second = book.entries(with_history=True)
    assert (first.target, first.ended_by, first.ended_at) == (of(1), "ana", NOW + timedelta(minutes=1))
    assert (second.target, second.ended_at) == (of(2), NOW + timedelta(minutes=2))


def test_what_stands_already_is_no_change(book):
    book.write([stated(COMPANY, "5.0")])

    assert book.write([stated(COMPANY, "5.00")], removed=[TEAM]) == []
    assert len(book.entries(with_history=True)) == 1
    assert book.write([stated(COMPANY, 5, origin=Origin.SPLIT, whole=TEAM)]) != []


def test_the_last_change_is_undone_as_a_whole(book):
    book.write([stated(COMPANY, 1), stated(REP, 7)])
    book.write([stated(COMPANY, 2), stated(TEAM, 3)], removed=[REP])

    undone = book.undo()

    assert {change.key for change in undone} == {COMPANY, TEAM, REP}
    assert standing(book) == {COMPANY: of(1), REP: of(7)}


def test_an_undo_is_undone_by_the_next(book):
    book.write([stated(COMPANY, 1)])
    book.write([stated(COMPANY, 2)])

    book.undo()
    assert standing(book) == {COMPANY: of(1)}
    book.undo()
    assert standing(book) == {COMPANY: of(2)}


def test_the_first_change_is_undone_to_nothing(book):
    assert book.undo() == []
    book.write([stated(COMPANY, 1)])
    book.undo()
    assert standing(book) == {}


def test_a_change_is_made_as_a_whole_or_not_at_all(book):
    with pytest.raises(StateError, match="ck_targets_kind"):
        book.write([stated(COMPANY, 1), stated(TEAM, 1, kind="wish")])

    assert book.entries(with_history=True) == []


def test_of_many_who_set_at_once_the_last_one_stands_and_all_are_remembered(state):
    def write(number):
        TargetBook(state, author=f"{number}", clock=lambda: NOW).write([stated(COMPANY, number), stated(TEAM, number)])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(1, 25)))

    book = TargetBook(state, author="ana", clock=lambda: NOW)
    assert len(book.entries(with_history=True)) == 48
    assert len(book.entries()) == 2
    assert len(set(standing(book).values())) == 1
