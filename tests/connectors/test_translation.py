"""A source's rows as rows of the schema."""

from typing import Any

import pyarrow as pa
import pytest

from connectors.base import MappingError
from connectors.mapping import parse_table_map
from connectors.translation import ROW, Translation, apply_map, plan_translation
from kpi.schema import TABLES


def plan(table: str, block: dict[str, Any] | None, header: list[str]) -> Translation:
    return plan_translation(TABLES[table], None if block is None else parse_table_map(table, block), header)


def translate(table: str, block: dict[str, Any], **columns: list[str | None]) -> dict[str, list[str | None]]:
    length = len(next(iter(columns.values())))
    rows = pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
            ROW: pa.array(range(1, length + 1), pa.int64()),
        }
    )
    translated = apply_map(rows, plan(table, block, list(columns)), "Europe/Berlin")
    return translated.to_pydict()


def test_a_column_of_the_same_name_needs_no_mapping() -> None:
    fields = plan("deals", {}, ["ID", " Stage ", "stage", "Other"]).fields
    assert {name: field.columns for name, field in fields.items()} == {"id": ("ID",), "stage": ("stage",)}


def test_the_first_filled_column_counts() -> None:
    got = translate("deals", {"name": ["A", "B", "C"]}, A=["a", " ", None, ""], B=["b", "b", "", ""], C=["c"] * 4)
    assert got["name"] == ["a", "b", "c", "c"]


def test_an_unlisted_value_is_what_otherwise_says_and_an_empty_one_stays_empty() -> None:
    block = {"status": {"column": "S", "values": {"Paid": "won"}, "otherwise": "open"}}
    got = translate("deals", block, S=[" Paid ", "paid", "New", "", " ", None])
    assert [value.strip() if value else "" for value in got["status"]] == ["won", "open", "open", "", "", ""]


def test_an_empty_value_can_be_listed() -> None:
    block = {"status": {"column": "S", "values": {"": "open", "Paid": "won"}}}
    assert translate("deals", block, S=["", None, "Paid"])["status"] == ["open", "open", "won"]


def test_an_unlisted_value_without_otherwise_stays_for_the_store_to_count() -> None:
    block = {"status": {"column": "S", "values": {"Paid": "won"}}}
    assert translate("deals", block, S=["Paid", "Odd"])["status"] == ["won", "Odd"]


def test_a_number_with_stray_text_is_not_invented() -> None:
    assert translate("deals", {"amount": "A"}, A=["€ 3.500,00", "3500"])["amount"] == ["€ 3.500,00", "3500"]


def test_a_constant_stands_in_every_row() -> None:
    assert translate("deals", {"currency": {"constant": "EUR"}}, id=["1", "2"])["currency"] == ["EUR", "EUR"]


def test_instants_and_dates_are_read_by_their_formats() -> None:
    block = {
        "created_at": {"column": "T", "format": "%d.%m.%Y %H:%M", "timezone": "America/New_York"},
        "closed_at": {"column": "T", "format": "%d.%m.%Y %H:%M"},
        "close_date": {"column": "T", "format": "%d.%m.%Y %H:%M"},
    }
    got = translate("deals", block, T=["01.07.2024 23:30", None])
    assert got["created_at"] == ["2024-07-02T03:30:00Z", ""]
    assert got["closed_at"] == ["2024-07-01T21:30:00Z", ""]
    assert got["close_date"] == ["2024-07-01", ""]


@pytest.mark.parametrize("midnight", ["2024-07-01", "2024-07-01 00:00:00", "2024-07-01T00:00:00.000Z"])
def test_a_midnight_is_a_day_where_a_date_is_wanted(midnight: str) -> None:
    assert translate("deals", {}, close_date=[midnight])["close_date"] == ["2024-07-01"]


def test_a_time_of_day_is_not_cut_off_a_date() -> None:
    late = "2024-07-01T22:00:00Z"
    assert translate("deals", {}, close_date=[late])["close_date"] == [late]


def test_a_mapped_column_that_is_not_there_is_an_error_with_the_nearest() -> None:
    with pytest.raises(MappingError, match=r'\[source.map.deals\] amount: .*did you mean "Deal Amount"'):
        plan("deals", {"amount": "Deal Amuont"}, ["Id", "Deal Amount"])


def test_what_is_required_and_not_there_is_named() -> None:
    planned = plan("deals", None, ["id", "Note"])
    assert planned.missing == ("status", "created_at")
    assert planned.ignored == ("Note",)


def test_only_tables_that_nothing_refers_to_get_ids() -> None:
    assert plan("spend", {}, ["date"]).generates_ids
    assert not plan("spend", {}, ["date", "ID"]).generates_ids
    assert not plan("spend", None, ["date"]).generates_ids
    assert not plan("deals", {}, ["status"]).generates_ids
    assert not plan("targets", {}, ["kpi"]).generates_ids
