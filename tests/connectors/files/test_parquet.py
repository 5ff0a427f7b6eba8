"""Parquet: typed columns as the exact text that the store reads."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import SourceError
from connectors.files.parquet_reader import as_text
from tests.connectors.files.export import Export, cursors_of, rows_of

BERLIN_SUMMER = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (pa.string(), " a ", " a "),
        (pa.large_string(), "a", "a"),
        (pa.string_view(), "a", "a"),
        (pa.binary(), b"a", "a"),
        (pa.dictionary(pa.int32(), pa.string()), "won", "won"),
        (pa.bool_(), True, "true"),
        (pa.int64(), 2**63 - 1, "9223372036854775807"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.decimal128(18, 4), Decimal("12345678901234.5670"), "12345678901234.5670"),
        (pa.decimal128(18, 8), Decimal("0.00000001"), "0.00000001"),
        (pa.decimal128(5, -3), Decimal(12000), "12000"),
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 12.0, "12"),
        (pa.float64(), 123456789012.25, "123456789012.25"),
        (pa.float64(), 1e22, "10000000000000000000000"),
        (pa.float64(), 1.5e-9, "0.0000000015"),
        (pa.float32(), 1.1, "1.1"),
        (pa.float64(), float("nan"), None),
        (pa.float64(), float("inf"), None),
        (pa.date32(), date(2026, 1, 31), "2026-01-31"),
        (pa.date64(), date(2026, 1, 31), "2026-01-31"),
        (pa.timestamp("s"), datetime(2026, 1, 31, 9, 30), "2026-01-31T09:30:00Z"),
        (pa.timestamp("us", "Europe/Berlin"), datetime(2026, 7, 1, 11, 30, tzinfo=BERLIN_SUMMER), "2026-07-01T09:30:00.000000Z"),
        (pa.timestamp("ms", "UTC"), datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (pa.null(), None, None),
        (pa.string(), None, None),
        (pa.timestamp("us"), None, None),
        (pa.decimal128(10, 2), None, None),
    ],
)  # fmt: skip
def test_a_typed_value_has_one_text(type_: pa.DataType, value: Any, text: str | None) -> None:
    assert as_text(pa.array([value], type_)).to_pylist() == [text]


def test_a_table_of_typed_columns_is_read(export: Export) -> None:
    export.write_parquet(
        "deals.parquet",
        {
            "id": pa.array([1, 2]),
            "Status": pa.array(["won", "lost"]).dictionary_encode(),
            "created_at": pa.array([datetime(2026, 1, 1, 12, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC")),
            "close_date": pa.array([datetime(2026, 1, 31), None], pa.timestamp("ns")),
            "amount": pa.array([Decimal("1000000.0001"), None], pa.decimal128(18, 4)),
            "tags": pa.array([["a"], []]),
        },
    )
    (batch,) = export.pull()
    assert batch.rows.to_pylist() == [
        {"id": "1", "status": "won", "created_at": "2026-01-01T12:00:00.000000Z", "close_date": "2026-01-31", "amount": "1000000.0001", "_row": 1},
        {"id": "2", "status": "lost", "created_at": "2026-01-01T12:00:00.000000Z", "close_date": "", "amount": None, "_row": 2},
    ]  # fmt: skip
    assert batch.notices == ("deals.parquet: deals have no such columns, not read: tags",)


def test_a_foreign_parquet_is_mapped(export: Export) -> None:
    export.write_parquet("export.parquet", {"Day": pa.array([date(2026, 1, 1)]), "Cost.EUR": pa.array([1.5])})
    export.maps = {
        "spend": {"file": "export.parquet", "date": "Day", "amount": "Cost.EUR", "category": {"constant": "sales"}}
    }
    (row,) = export.rows("spend")
    assert (row["date"], row["amount"], row["category"]) == ("2026-01-01", "1.5", "sales")


def test_a_long_parquet_resumes_where_it_was(export: Export) -> None:
    export.write_parquet("accounts.parquet", {"id": pa.array(range(120_000))})
    whole = export.pull()
    assert [batch.rows.num_rows for batch in whole] == [50_000, 50_000, 20_000]
    assert export.connector().size() == 120_000
    rest = export.pull(cursors_of(whole[:1]))
    assert rows_of(whole[:1], "accounts") + rows_of(rest, "accounts") == rows_of(whole, "accounts")


def test_a_parquet_without_rows_is_a_whole_table(export: Export) -> None:
    export.write_parquet("accounts.parquet", {"id": pa.array([], pa.string())})
    (batch,) = export.pull()
    assert (batch.starts, batch.ends, batch.rows.num_rows) == (True, True, 0)


def test_a_nested_column_cannot_feed_one_of_ours(export: Export) -> None:
    export.write_parquet("accounts.parquet", {"id": pa.array(["A"]), "name": pa.array([["a"]])})
    with pytest.raises(SourceError, match=r"the column name \(list.*is not text, a number or a time"):
        export.pull()


@pytest.mark.parametrize("content", [b"", b"id,name\nA,b\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_what_is_no_parquet_is_told(export: Export, content: bytes) -> None:
    export.write("accounts.parquet", content)
    with pytest.raises(SourceError, match="cannot be read as Parquet") as caught:
        export.pull()
    assert "\n" not in str(caught.value)
