"""An explanation in words: numbers, windows and cells as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.views.explanation import Style, explanation_sections, figure, sentence
from kpi.explain import Definition, Equation, Explanation, Input, LeftOut, Record, Records, Term
from kpi.model import Unit
from kpi.scopes import Directory
from tests.bot.views.readings import reading

STYLE = Style("en-US", "America/New_York", Directory((), (), ["files"]), lambda *_: None)
WORDS = Definition("What it is.", "won / closed", "A book", redefined=False)
MORNING = datetime(2026, 11, 3, 15, tzinfo=UTC)


def sections(**parts) -> dict:
    told = Explanation(reading(), WORDS, **parts)
    return {section.title: section for section in explanation_sections(told, STYLE)}


def listed(*rows: Record, **columns) -> Records:
    parts = {
        "measure": "won", "table": "deals", "dated_by": "closed_instant", "columns": (), "id_columns": frozenset(),
        "adds": None, "sort": "-at", "total": len(rows), "hidden": 0, "page": 1, "pages": 1,
    }  # fmt: skip
    return Records(**{**parts, **columns}, rows=rows)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0", "0"),
        ("7", "7"),
        ("1E+3", "1,000"),
        ("4238.00", "4,238"),
        ("0.0004", "0.0004"),
        ("12.345", "12.34"),
        ("-1234.5", "-1,234.5"),
        ("99999999999999.9999", "100,000,000,000,000"),
    ],
)
def test_a_number_has_no_more_digits_than_say_something(number: str, shown: str):
    assert figure(Decimal(number), "en-US") == shown


def test_the_sentence_puts_the_numbers_into_the_formula():
    value = "63.2%"
    read = reading(value=Decimal("0.632"), unit=Unit.PERCENT)

    whole = Explanation(read, WORDS, Equation("{} / {}", (Decimal(4238), Decimal(6711))))
    assert sentence(whole, "en-US") == f"{value} = 4,238 / 6,711: won / closed"
    assert sentence(whole, "de-DE") == "63,2\u00a0% = 4.238 / 6.711: won / closed"
    parts = Equation("best_day {}, reps {}", (Decimal(2), Decimal(3)), is_whole=False)
    assert sentence(Explanation(read, WORDS, parts), "en-US") == f"{value}: won / closed; with best day 2, reps 3"
    assert sentence(Explanation(read, WORDS), "en-US") == f"{value}: won / closed"


def test_numbers_tell_what_they_are_counted_over_and_when():
    until = datetime(2026, 11, 20, 17, tzinfo=UTC)
    first = datetime(1, 1, 2, tzinfo=UTC)
    numbers = sections(
        terms=(
            Term("won", Decimal(4), "2026-11", MORNING, until, 4, "deals"),
            Term("mrr", Decimal("1.5"), "2026-11", until, until, 2, "subscriptions"),
            Term("profit", Decimal(9), "2026-Q4", first, until, 1, "deals"),
            Term("reps", Decimal(3), records=3, table="owners"),
            Term("target", Decimal(1000), "2026-11"),
        )
    )["Numbers"]

    assert numbers.rows == (
        ("won", "4", "4", "deals", "2026-11-03 10:00 to 2026-11-20 12:00"),
        ("mrr", "1.5", "2", "subscriptions", "at 2026-11-20 12:00"),
        ("profit", "9", "1", "deals", "2026-Q4: until 2026-11-20 12:00"),
        ("reps", "3", "3", "owners", "at any time"),
        ("target", "1,000", "", "", "2026-11"),
    )


def test_cells_are_written_for_people_and_empty_columns_are_none():
    values = {
        "value": Decimal("36.500000000000"), "cycle_us": 5_400_000_000, "account_id": "files:A1", "is_unrated": True,
        "mql_day": date(2026, 11, 3), "sql_at": MORNING, "stage": None, "status": "won",
    }  # fmt: skip
    records = listed(
        Record("files:D1", "One\x1b", "R1", "Ann", MORNING, values),
        columns=tuple(values),
        id_columns=frozenset({"account_id"}),
        adds="value",
        total=41,
        hidden=12,
        pages=3,
    )
    section = sections(records=records)["Records of won: deals"]

    assert section.head == (
        "Id", "Name", "Owner", "Closed instant", "Value", "Cycle", "Account id", "Is unrated", "Mql day", "Sql at", "Status",
    )  # fmt: skip
    assert section.rows == (
        (
            "D1",
            "One",
            "Ann",
            "2026-11-03 10:00",
            "36.5",
            "1 hr 30 min",
            "A1",
            "yes",
            "2026-11-03",
            "2026-11-03 10:00",
            "won",
        ),
    )
    assert section.numbers == (4, 5)
    assert section.foot == (
        "41 records. 12 records are of people whose figures you may not see one by one. Page 1 of 3. "
        "The sum is that of Value."
    )


def test_no_records_are_said_to_be_none():
    section = sections(records=listed())["Records of won: deals"]

    assert (section.rows, section.head, section.foot) == ((), (), "0 records.")


def test_what_is_left_out_and_the_inputs_are_told():
    told = sections(
        left_out=(LeftOut("left-out:1", "1 deal is left out", 1, "deals"),),
        inputs=(Input({"deals.closed_at": 0, "deals.close_date": 5}), Input({"spend": 0})),
    )

    assert told["Left out, or counted otherwise"].rows == (("left-out:1", "1 deal is left out"),)
    assert told["Inputs, and how many rows fill them"].rows == (
        ("supplied", "deals.closed_at 0 or deals.close_date 5"),
        ("not supplied", "spend 0"),
    )


def test_without_numbers_only_the_words_and_why_are_told():
    told = Explanation(reading(value=None, reason="not_begun"), WORDS, ignored=("by rep",))
    (section,) = explanation_sections(told, STYLE)
    rows = dict(section.rows)

    assert (rows["Formula"], rows["Why"]) == ("won / closed", "the period has not begun.")
    assert rows["Left aside"] == "by rep: the whole is explained"
