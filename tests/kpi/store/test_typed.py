from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.base import Batch
from kpi.organisation import Organisation
from kpi.schema import TABLES, Type
from kpi.store import Writer, open_writer
from kpi.store.typed import quoted

from .conftest import NEW_YORK, URL, deal, listing, rows_of


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """One for all tests here: each lists its table anew."""
    with open_writer(URL, NEW_YORK, base=tmp_path_factory.mktemp("typed")) as opened:
        yield opened


def read_as(writer: Writer, table: str, column: str, texts: list[str], good: dict[str, str]) -> list[object]:
    """Each text as the store reads it in an optional column."""
    rows = [{"id": str(n), **good, column: text} for n, text in enumerate(texts)]
    assert writer.load("files", listing(table, rows)).set_aside == 0
    return [value for (value,) in rows_of(writer, f'select "{column}" from {table} order by row_number')]


DEAL = {"status": "won", "created_at": "2026-01-31"}
TIMES = {
    "2026-01-31T09:30:00Z": datetime(2026, 1, 31, 9, 30),
    "2026-01-31 09:30:00": datetime(2026, 1, 31, 9, 30),
    "2026-01-31T09:30": datetime(2026, 1, 31, 9, 30),
    "2026-01-31T09:30:00.25Z": datetime(2026, 1, 31, 9, 30, 0, 250000),
    "2026-01-31T09:30:00.123456789Z": datetime(2026, 1, 31, 9, 30, 0, 123456),
    "2026-01-31T09:30:00+05:30": datetime(2026, 1, 31, 4, 0),
    "2026-01-31T09:30:00-0800": datetime(2026, 1, 31, 17, 30),
    "2026-01-31T23:30-08": datetime(2026, 2, 1, 7, 30),
    "  2026-01-31T09:30:00Z\t": datetime(2026, 1, 31, 9, 30),
    "2026-01-31": datetime(2026, 1, 31, 5),
    "2026-07-31": datetime(2026, 7, 31, 4),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59),
}
NO_TIMES = [
    "yesterday", "31.01.2026", "2026-1-31", "2026-02-30", "2026-02-30T09:30:00Z", "2026-01-31T25:00:00Z",
    "2026-01-31T09:60:00Z", "2026-01-31T09:30:00+24:00", "2026-01-31T09", "20260131T093000Z", "1769851800",
    "0000-01-01", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-W05-6", "infinity", "now",
]  # fmt: skip


def test_times_are_read_as_iso_8601(writer):
    assert read_as(writer, "deals", "closed_at", list(TIMES), DEAL) == list(TIMES.values())


def test_what_is_no_iso_8601_time_is_empty(writer):
    assert read_as(writer, "deals", "closed_at", NO_TIMES, DEAL) == [None] * len(NO_TIMES)


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("America/Sao_Paulo", "2018-11-04", datetime(2018, 11, 4, 3)),  # clocks went from 00:00 to 01:00
        ("Asia/Beirut", "2022-03-27", datetime(2022, 3, 26, 22)),  # the same, on the other side of UTC
        ("America/Havana", "2026-11-01", datetime(2026, 11, 1, 4)),  # 00:00 to 01:00 happens twice: the first
        ("Pacific/Apia", "2011-12-30", datetime(2011, 12, 30, 10)),  # a day that Samoa left out
        ("UTC", "2026-01-31", datetime(2026, 1, 31)),
    ],
)
def test_a_bare_date_is_the_organisations_midnight(tmp_path, zone, day, midnight):
    with open_writer(URL, Organisation(timezone=zone), base=tmp_path) as writer:
        assert read_as(writer, "deals", "closed_at", [day], DEAL) == [midnight]


def test_the_machines_own_zone_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with open_writer(URL, Organisation(), base=tmp_path) as writer:
        assert read_as(writer, "deals", "closed_at", ["2026-01-31T09:30:00"], DEAL) == [datetime(2026, 1, 31, 9, 30)]


@pytest.mark.parametrize(
    ("column", "given", "expected"),
    [
        (
            "close_date",
            ["2026-01-31", "2024-02-29", "0001-01-01", "9999-12-31"],
            [date(2026, 1, 31), date(2024, 2, 29), date(1, 1, 1), date(9999, 12, 31)],
        ),
        ("close_date", ["2026-02-29", "31/01/2026", "2026-01-31T00:00:00Z", "0000-01-01", "today"], [None] * 5),
        (
            "amount",
            ["12", "-12.5", "0", "007.10", "10.00005", "99999999999999.9999"],
            [Decimal(text) for text in ("12", "-12.5", "0", "7.1", "10.0001", "99999999999999.9999")],
        ),
        (
            "amount",
            ["1,000.00", "$5", "1e3", "+5", ".5", "5.", "--5", "NaN", "inf", "100000000000000", "٣"],
            [None] * 11,
        ),
        ("probability", ["0", "1", "0.25", "1.0"], [Decimal(0), Decimal(1), Decimal("0.25"), Decimal(1)]),
        ("probability", ["1.01", "-0.1", "25", "50%"], [None] * 4),
        ("term_months", ["12", "12.0", "-3", "0"], [12, 12, -3, 0]),
        ("term_months", ["12.5", "9223372036854775808", "twelve"], [None] * 3),
        ("type", ["new", "renewal", "New", "other"], ["new", "renewal", None, None]),
        ("name", ["", "   ", "\u00a0\u3000\ufeff", " Ann \n"], [None, None, None, "Ann"]),
    ],
)
def test_each_type_is_read_strictly(writer, column, given, expected):
    assert read_as(writer, "deals", column, given, DEAL) == expected


def test_booleans_are_read_whatever_their_case(writer):
    given = ["true", "TRUE", "1", "Yes", "false", "0", "no", "maybe", "2", ""]
    good = {"type": "call", "at": "2026-01-31"}
    expected = [True] * 4 + [False] * 3 + [None] * 3
    assert read_as(writer, "activities", "opened", given, good) == expected


def test_an_empty_or_unreadable_active_is_true(writer):
    assert read_as(writer, "owners", "active", ["", "no", "perhaps"], {"name": "Ann"}) == [True, False, True]
    assert rows_of(writer, "select count(*) from owners where _emptied <> 0") == [(1,)]


@pytest.mark.parametrize(
    "text", ["a\x00b", "\x1b[31mred", "<!channel>", "'; drop table deals; --", "x" * 100_000, "日本語 🎉"]
)
def test_hostile_text_is_kept_as_it_is(writer, text):
    assert read_as(writer, "deals", "name", [text], DEAL) == [text]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"created_at": " "}, "created_at is empty"),
        ({"id": None}, "id is empty"),
        ({"created_at": "soon"}, "created_at 'soon' is not a time like 2026-01-31T09:30:00Z"),
        ({"status": "foo"}, "status 'foo' is not one of open, won, lost"),
        ({"status": "a\x00\nb"}, "status 'a??b' is not one of open, won, lost"),
        ({"status": "it's"}, "status 'it's' is not one of open, won, lost"),
        ({"status": "x" * 100}, f"status '{'x' * 79}…' is not one of open, won, lost"),
    ],
)
def test_a_row_without_what_it_needs_is_set_aside_with_the_reason(writer, row, reason):
    loaded = writer.load("files", listing("deals", [deal("1", **row), deal("2")]))
    assert (loaded.written, loaded.set_aside) == (1, 1)
    assert rows_of(writer, "select row_number, reason from set_aside") == [(1, reason)]


def test_every_table_and_type_of_the_schema_can_be_read(writer):
    """Every type is filled at least once, and every table takes a row that has all its columns."""
    samples = {
        Type.TIME: "2026-01-31T09:30:00Z", Type.DATE: "2026-01-31", Type.MONEY: "1.5", Type.DECIMAL: "1.12345678",
        Type.PROBABILITY: "0.5", Type.INT: "3", Type.BOOL: "no", Type.ID: "X", Type.TEXT: "x",
    }  # fmt: skip
    for table in TABLES.values():
        row = {c.name: c.values[0] if c.values else samples[c.type] for c in table.columns}
        assert writer.load("files", listing(table.name, [row])).written == 1
        columns = ", ".join(map(quoted, table.column_names))
        (stored,) = rows_of(writer, f"select {columns} from {table.name}")
        assert None not in stored
    assert rows_of(writer, "select rate from fx_rates") == [(Decimal("1.12345678"),)]


def test_ids_carry_their_source_and_emails_do_not(writer):
    writer.load("files", listing("deals", [deal("1", owner_id="R1", account_id="")]))
    assert rows_of(writer, "select id, owner_id, account_id from deals") == [("files:1", "files:R1", None)]
    target = {"kpi": "bookings", "scope": "rep", "period": "2026", "value": "1"}
    writer.load("files", listing("targets", [target | {"scope_id": "R1"}, target | {"scope_id": "ann@x.example"}]))
    assert rows_of(writer, "select scope_id from targets order by row_number") == [("files:R1",), ("ann@x.example",)]


def test_an_id_that_refers_may_name_another_source(tmp_path):
    with open_writer(URL, NEW_YORK, base=tmp_path, sources=("files", "hubspot")) as writer:
        target = {"kpi": "bookings", "scope": "rep", "period": "2026", "value": "1"}
        given = ["hubspot:7001", "7001", "files:7001", "other:7001", "hubspot", "ann@x.example"]
        writer.load("files", listing("targets", [target | {"scope_id": each} for each in given]))
        assert [each for (each,) in rows_of(writer, "select scope_id from targets order by row_number")] == [
            "hubspot:7001",
            "files:7001",
            "files:files:7001",
            "files:other:7001",
            "files:hubspot",
            "ann@x.example",
        ]
        writer.load("files", listing("deals", [deal("hubspot:1", owner_id=" hubspot:R1 ", account_id="A")]))
        assert rows_of(writer, "select id, owner_id, account_id from deals") == [
            ("files:hubspot:1", "hubspot:R1", "files:A")
        ]


@pytest.mark.parametrize(
    "blank", [" ", "\t", "\r\n", "\v", "\f", "\x85", "\u00a0", "\u1680", "\u2003", "\u2028", "\ufeff"]
)
def test_whatever_is_blank_around_a_value_is_taken_off(writer, blank):
    given = [f"{blank}a{blank}b{blank}", blank * 3, "c", None]
    assert read_as(writer, "deals", "name", given, DEAL) == [f"a{blank}b", None, "c", None]


def test_columns_of_other_arrow_types_are_read_as_their_text(writer):
    columns = {
        "id": pa.array(["1", "2"]).dictionary_encode(),
        "status": pa.array(["won", "lost "], pa.large_string()),
        "created_at": pa.array(["2026-01-31", "2026-01-31"], pa.string_view()),
        "term_months": pa.array([12, None]),
        "_row": pa.array([1, 2], pa.int32()),
    }
    loaded = writer.load("files", Batch("deals", pa.table(columns), "c", 2, starts=True, ends=True))
    assert (loaded.written, loaded.set_aside) == (2, 0)
    assert rows_of(writer, "select id, status, term_months from deals order by row_number") == [
        ("files:1", "won", 12),
        ("files:2", "lost", None),
    ]
