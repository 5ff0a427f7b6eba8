import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Unreadable
from kpi.store import open_writer

from .conftest import NEW_YORK, URL, batch, deal, listing, rows_of


def names(writer, source="files"):
    return rows_of(writer, f"select id, name from deals where _source = '{source}' order by id")


def reasons(writer):
    return rows_of(writer, "select id, row_number, reason from set_aside order by batch, ordinal")


TWICE = "id is used twice, the first row stands"


def test_rows_and_cursor_are_written_together(writer):
    loaded = writer.load("files", batch("deals", [deal("1"), deal("2")], cursor="page 2", starts=True))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (2, 0, 0)
    assert writer.cursors("files") == {"deals": "page 2"}
    assert writer.cursors("other") == {}


def test_a_batch_that_fails_leaves_nothing(writer, monkeypatch):
    writer.load("files", listing("deals", [deal("1", name="old")], cursor="a"))

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("kpi.store.load.write_progress", fail)
    with pytest.raises(KeyboardInterrupt):
        writer.load("files", listing("deals", [deal("1", name="new"), deal("2")], cursor="b"))
    assert names(writer) == [("files:1", "old")]
    assert writer.cursors("files") == {"deals": "a"}


def test_a_listing_replaces_and_takes_out_what_is_gone(writer):
    writer.load("files", listing("deals", [deal("1", name="a"), deal("2", name="b"), deal("3", name="c")]))
    writer.load("files", batch("deals", [deal("1", name="A")], starts=True))
    assert len(names(writer)) == 3
    loaded = writer.load("files", batch("deals", [deal("4", name="D")], ends=True))
    assert (loaded.written, loaded.deleted) == (1, 2)
    assert names(writer) == [("files:1", "A"), ("files:4", "D")]


def test_an_empty_listing_empties_the_table_of_its_source_alone(writer):
    writer.load("a", listing("deals", [deal("1")]))
    writer.load("b", listing("deals", [deal("1")]))
    assert writer.load("a", listing("deals", [])).deleted == 1
    assert rows_of(writer, "select id from deals") == [("b:1",)]


def test_a_listing_begun_anew_forgets_the_one_cut_short(writer):
    writer.load("files", batch("deals", [deal("1"), deal("2")], starts=True))
    writer.load("files", batch("deals", [deal("2")], starts=True, ends=True))
    assert names(writer) == [("files:2", None)]
    assert reasons(writer) == []


def test_the_first_row_of_an_id_stands_within_a_batch_and_across_batches(writer):
    writer.load("files", batch("deals", [deal("1", name="a"), deal("1", name="b")], starts=True))
    loaded = writer.load("files", batch("deals", [deal("1", name="c"), deal("2")], first=3, ends=True))
    assert (loaded.written, loaded.set_aside) == (1, 1)
    assert names(writer) == [("files:1", "a"), ("files:2", None)]
    assert reasons(writer) == [("files:1", 2, TWICE), ("files:1", 3, TWICE)]


def test_a_row_that_is_set_aside_does_not_stand_before_a_good_one(writer):
    writer.load("files", listing("deals", [deal("1", status="?"), deal("1", name="good")]))
    assert names(writer) == [("files:1", "good")]
    assert reasons(writer) == [("files:1", 1, "status '?' is not one of open, won, lost")]


def test_one_id_in_two_sources_is_two_rows(writer):
    writer.load("a", listing("deals", [deal("1")]))
    writer.load("b", listing("deals", [deal("1")]))
    assert rows_of(writer, "select id from deals order by id") == [("a:1",), ("b:1",)]


def test_a_row_that_turns_bad_goes_with_the_listing(writer):
    writer.load("files", listing("deals", [deal("1")]))
    loaded = writer.load("files", listing("deals", [deal("1", status="?")]))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (0, 1, 1)
    assert names(writer) == []


def test_what_was_set_aside_goes_when_a_listing_brings_it_well(writer):
    writer.load("files", listing("deals", [deal("1", status="?", amount="x")]))
    writer.load("files", listing("deals", [deal("1")]))
    assert reasons(writer) == []


def test_in_a_pull_of_changes_the_last_row_of_an_id_stands(writer):
    writer.load("files", listing("deals", [deal("1", name="a"), deal("2", name="b")]))
    loaded = writer.load("files", batch("deals", [deal("1", name="x"), deal("1", name="y"), deal("3")], ends=True))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (2, 0, 0)
    assert names(writer) == [("files:1", "y"), ("files:2", "b"), ("files:3", None)]


def test_a_pull_of_changes_sets_aside_and_forgives(writer):
    writer.load("files", listing("deals", [deal("1"), deal("2")]))
    loaded = writer.load("files", batch("deals", [deal("1", status="?")], ends=True))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (0, 1, 1)
    assert [row[0] for row in names(writer)] == ["files:2"]
    writer.load("files", batch("deals", [deal("1")], ends=True))
    assert [row[0] for row in names(writer)] == ["files:1", "files:2"]
    assert reasons(writer) == []


def test_deleted_ids_go_and_those_unknown_count_nothing(writer):
    writer.load("files", listing("deals", [deal("1"), deal("2")]))
    loaded = writer.load("files", batch("deals", [], deleted=("2", "404"), ends=True))
    assert (loaded.written, loaded.deleted) == (0, 1)
    assert names(writer) == [("files:1", None)]


def test_tables_without_ids_are_replaced_by_each_listing(writer):
    holiday = {"date": "2026-12-25", "name": "Christmas"}
    writer.load("files", listing("holidays", [holiday, holiday]))
    writer.load("files", batch("holidays", [holiday], starts=True))
    writer.load("files", batch("holidays", [{"date": "bad"}], ends=True))
    assert rows_of(writer, "select name from holidays") == [("Christmas",)]
    assert reasons(writer) == [(None, 1, "date 'bad' is not a date like 2026-01-31")]


def test_a_table_without_ids_takes_no_pull_of_changes_but_an_empty_one(writer):
    writer.load("files", listing("holidays", [{"date": "2026-12-25"}]))
    writer.load("files", batch("holidays", [], ends=True))
    with pytest.raises(ValueError, match="holidays belong to no record"):
        writer.load("files", batch("holidays", [{"date": "2026-12-26"}], ends=True))
    assert rows_of(writer, "select count(*) from holidays") == [(1,)]


def change(deal_id, stage, at="2026-02-01"):
    return {"deal_id": deal_id, "stage": stage, "at": at}


def stages(writer):
    return rows_of(writer, "select deal_id, stage from stage_changes order by deal_id, row_number")


def test_changed_records_bring_all_their_rows_of_a_table_without_ids(writer):
    rows = [change("1", "a"), change("2", "a"), change("1", "b"), change("3", "a"), change("3", "b")]
    writer.load("files", listing("stage_changes", rows))
    loaded = writer.load("files", batch("stage_changes", [change("1", "c"), change("4", "a")], ends=True))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (2, 0, 0)
    assert stages(writer) == [
        ("files:1", "c"),
        ("files:2", "a"),
        ("files:3", "a"),
        ("files:3", "b"),
        ("files:4", "a"),
    ]


def test_rows_of_records_that_are_gone_go_unless_the_batch_brings_others(writer):
    writer.load("files", listing("stage_changes", [change("1", "a"), change("1", "b"), change("2", "a")]))
    writer.load("other", listing("stage_changes", [change("1", "a")]))
    loaded = writer.load("files", batch("stage_changes", [change("2", "b")], deleted=("1", "2", "404"), ends=True))
    assert (loaded.written, loaded.deleted) == (1, 2)
    assert stages(writer) == [("files:2", "b"), ("other:1", "a")]


def test_what_was_set_aside_of_a_record_goes_when_the_record_comes_again(writer):
    writer.load("files", listing("stage_changes", [change("1", "a"), change("1", "b", "?"), change("2", "a")]))
    loaded = writer.load("files", batch("stage_changes", [change("2", "b", "?"), change("", "a")], ends=True))
    assert (loaded.written, loaded.deleted, loaded.set_aside) == (0, 1, 2)
    assert stages(writer) == [("files:1", "a")]
    wrong = "at '?' is not a time like 2026-01-31T09:30:00Z"
    assert reasons(writer) == [("files:1", 2, wrong), ("files:2", 1, wrong), (None, 2, "deal_id is empty")]
    assert rows_of(writer, "select raw ->> 'stage' from _raw.rows order by batch, ordinal") == [("b",), ("b",), ("a",)]
    writer.load("files", batch("stage_changes", [change("1", "a"), change("1", "b")], deleted=("2",), ends=True))
    assert stages(writer) == [("files:1", "a"), ("files:1", "b")]
    assert reasons(writer) == [(None, 2, "deal_id is empty")]


def test_a_record_of_another_source_may_be_named_as_gone(tmp_path):
    with open_writer(URL, NEW_YORK, base=tmp_path, sources=("files", "hub")) as writer:
        writer.load("files", listing("stage_changes", [change("hub:1", "a"), change("1", "a")]))
        assert writer.load("files", batch("stage_changes", [], deleted=("hub:1",), ends=True)).deleted == 1
        assert stages(writer) == [("files:1", "a")]


def test_a_batch_that_needs_more_memory_than_most_is_given_it(writer):
    writer._connection.execute("set memory_limit = '12MB'")
    rows = [deal(str(n), name=str(n) * 2000) for n in range(5000)]
    assert writer.load("files", listing("deals", rows)).written == 5000
    assert rows_of(writer, "select count(distinct name) from deals") == [(5000,)]


def test_rows_that_could_not_be_split_are_set_aside_with_their_text(writer):
    broken = (Unreadable(7, "12 fields instead of 9", "a;b;\x00"),)
    loaded = writer.load("files", listing("deals", [deal("1")], unreadable=broken))
    assert (loaded.written, loaded.set_aside) == (1, 1)
    assert reasons(writer) == [(None, 7, "12 fields instead of 9")]
    assert rows_of(writer, "select raw from _raw.rows") == [("a;b;\x00",)]


def test_the_raw_text_of_what_is_set_aside_is_kept_beside(writer):
    writer.load("files", listing("deals", [deal("1"), deal("2", status="?", name="Ann's")]))
    ((raw, name),) = rows_of(writer, "select raw ->> 'status', raw ->> 'name' from _raw.rows")
    assert (raw, name) == ("?", "Ann's")


def test_one_example_is_kept_of_values_that_could_not_be_read(writer):
    writer.load("files", listing("deals", [deal("1", amount="lots"), deal("2", amount="more"), deal("3", amount="5")]))
    assert rows_of(writer, "select * from _raw.examples") == [("files", "deals", "amount", "'lots'")]


def test_sources_that_are_no_longer_configured_are_forgotten(writer):
    for source in ("a", "b"):
        writer.load(source, listing("deals", [deal("1"), deal("2", status="?")]))
    writer.forget(["b"])
    assert rows_of(writer, "select id from deals") == [("b:1",)]
    assert rows_of(writer, "select source from set_aside") == [("b",)]
    assert (writer.cursors("a"), writer.cursors("b")) == ({}, {"deals": "c"})


ROWS = st.lists(
    st.builds(
        deal,
        st.sampled_from(["1", "2", "3", "4", ""]),
        status=st.sampled_from(["won", "lost", "?"]),
        name=st.sampled_from(["a", "b", " ", None]),
        created_at=st.sampled_from(["2026-01-31", "2026-03-08", "2026-01-31T09:30:00+01:00", "soon"]),
        amount=st.sampled_from(["1", "2.50", "many", ""]),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def lasting_writer(tmp_path_factory):
    with open_writer(URL, NEW_YORK, base=tmp_path_factory.mktemp("splits")) as opened:
        yield opened


def state(writer, source):
    bare = "split_part(id, ':', 2)"
    return (
        rows_of(
            writer, f"select {bare}, * exclude (id, _source, _pass) from deals where _source = '{source}' order by all"
        ),
        rows_of(writer, f"select {bare}, row_number, reason from set_aside where source = '{source}' order by all"),
    )


@settings(max_examples=15)
@given(before=ROWS, rows=ROWS, cuts=st.sets(st.integers(1, 11), max_size=4), is_listing=st.booleans())
def test_the_same_rows_in_any_batches_give_the_same_tables(lasting_writer, before, rows, cuts, is_listing):
    ends = [*sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    starts = [0, *ends[:-1]]
    writer = lasting_writer
    for source in ("whole", "parts"):
        writer.load(source, listing("deals", before))
    writer.load("whole", batch("deals", rows, starts=is_listing, ends=True))
    for start, end in zip(starts, ends, strict=True):
        last = end == len(rows)
        begins = is_listing and start == 0
        writer.load("parts", batch("deals", rows[start:end], first=start + 1, starts=begins, ends=last))
    assert state(writer, "parts") == state(writer, "whole")
