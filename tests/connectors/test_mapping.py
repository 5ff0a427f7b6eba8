"""Blocks of ``[source.map.TABLE]``: what they may say, and what they are told when they say something else."""

import tomllib
from typing import Any

import pytest

from connectors.base import MappingError
from connectors.mapping import FieldMap, TableMap, parse_table_map


def parse(table: str, block: str) -> TableMap:
    return parse_table_map(table, tomllib.loads(block))


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ('name = "Deal"', FieldMap(columns=("Deal",))),
        ('name = ["Deal", "Title"]', FieldMap(columns=("Deal", "Title"))),
        ('name = {column = "Deal"}', FieldMap(columns=("Deal",))),
        ('name = {column = ["Deal", "Title"]}', FieldMap(columns=("Deal", "Title"))),
        ('name = {constant = "Course"}', FieldMap(constant="Course")),
        ("name = {constant = 7}", FieldMap(constant="7")),
        ("name = {constant = true}", FieldMap(constant="true")),
        ("name = {constant = 0.00000012}", FieldMap(constant="0.00000012")),
        ("name = {constant = 2026-01-31}", FieldMap(constant="2026-01-31")),
        ('name = {column = "A", values = {" x " = "y"}}', FieldMap(columns=("A",), values={"x": "y"})),
    ],
)
def test_a_field_is_a_name_names_or_a_table(entry: str, field: FieldMap) -> None:
    assert parse("deals", entry) == TableMap({"name": field})


def test_values_keep_what_stands_for_the_rest() -> None:
    block = 'status = {column = "Stage", values = {"Paid" = "won", "Lost" = "lost"}, otherwise = "open"}'
    field = FieldMap(columns=("Stage",), values={"Paid": "won", "Lost": "lost"}, otherwise="open")
    assert parse("deals", block).fields["status"] == field


def test_formats_come_alone_or_in_a_list_with_a_zone() -> None:
    block = 'closed_at = {column = "C", format = ["%d.%m.%Y %H:%M", "%d.%m.%y"], timezone = "Europe/Berlin"}'
    field = FieldMap(columns=("C",), formats=("%d.%m.%Y %H:%M", "%d.%m.%y"), timezone="Europe/Berlin")
    assert parse("deals", block).fields["closed_at"] == field
    assert parse("deals", 'close_date = {column = "C", format = "%Y-%m"}').fields["close_date"].formats == ("%Y-%m",)


def test_a_block_names_its_file_and_its_repetitions() -> None:
    block = parse("owners", 'file = "deals.csv.gz"\ndistinct = true\nid = "Owner"')
    assert (block.file, block.distinct, set(block.fields)) == ("deals.csv.gz", True, {"id"})


@pytest.mark.parametrize(
    ("table", "block", "told"),
    [
        ("dealz", 'id = "Id"', 'did you mean "deals"'),
        ("deals", 'amuont = "X"', 'did you mean "amount"'),
        ("deals", 'flie = "x.csv"', 'did you mean "file"'),
        ("deals", 'xyzzy = "X"', "there are: id, name"),
        ("deals", "amount = 5", "{constant = ...}"),
        ("deals", "amount = []", "column's name in quotes"),
        ("deals", 'amount = ["a", 3]', "column's name in quotes"),
        ("deals", 'amount = ""', "column's name in quotes"),
        ("deals", 'amount = {colum = "X"}', 'did you mean "column"'),
        ("deals", 'amount = {format = "%Y"}', "say where it comes from"),
        ("deals", "amount = {}", "say where it comes from"),
        ("deals", 'amount = {constant = "1", column = "X"}', "a constant stands alone"),
        ("deals", "amount = {constant = [1]}", "a value must be"),
        ("deals", 'status = {column = "S", otherwise = "open"}', "add values = {...}"),
        ("deals", 'status = {column = "S", values = {}}', 'write values as {"in the source"'),
        ("deals", 'status = {column = "S", values = {"Paid" = "wonn"}}', 'did you mean "won"'),
        ("deals", 'status = {column = "S", values = {"Paid" = "won"}, otherwise = "opn"}', 'did you mean "open"'),
        ("spend", 'category = {constant = "marketting"}', 'did you mean "marketing"'),
        ("deals", 'amount = {column = "A", format = "%d"}', "this is money"),
        ("deals", 'closed_at = {column = "A", values = {"x" = ""}, format = "%Y"}', "not both"),
        ("deals", 'closed_at = {column = "A", format = 5}', "a list of them"),
        ("deals", 'closed_at = {column = "A", format = "%d.%m.%Q"}', "is not a format"),
        ("deals", 'closed_at = {column = "A", format = "%"}', "is not a format"),
        ("deals", 'closed_at = {column = "A", format = "%H:%M"}', "has no year"),
        ("deals", 'closed_at = {column = "A", format = "%m, %H:%M"}', "has no year"),
        ("deals", 'closed_at = {column = "A", timezone = "Europe/Berln"}', 'did you mean "Europe/Berlin"'),
        ("deals", 'closed_at = {column = "A", timezone = "../etc/passwd"}', "no time zone"),
        ("deals", "closed_at = {column = 'A', timezone = 5}", "no time zone"),
        ("deals", "file = 5", "the name of a file"),
        ("deals", 'distinct = "yes"', "true or false"),
    ],
)
def test_a_wrong_entry_is_told_in_one_line(table: str, block: str, told: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse(table, block)
    message = str(caught.value)
    assert told in message
    assert f"source.map.{table}" in message
    assert "\n" not in message


@pytest.mark.parametrize("raw", ["deals.csv", 5, ["id"]])
def test_a_block_that_is_no_table_is_told_so(raw: Any) -> None:
    with pytest.raises(MappingError, match="must be a table"):
        parse_table_map("deals", raw)


def test_what_is_said_of_a_file_is_refused_where_there_is_none() -> None:
    with pytest.raises(MappingError, match=r'\[source.map.deals\] file: this is for a source of type "files"'):
        parse_table_map("deals", {"file": "deals.csv"}, of_files=False)
    assert parse_table_map("deals", {"amount": "arr"}, of_files=False).fields["amount"] == FieldMap(columns=("arr",))
