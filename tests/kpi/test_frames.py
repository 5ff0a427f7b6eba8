"""Answers and tables as DataFrames: what stands in which row and column, exactly."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

import kpi
from kpi.catalogue import CATALOGUE
from kpi.company import Company
from kpi.frames import COLUMNS, answer_frame, floats_for_decimals, table_frame
from kpi.model import (
    Amount,
    Better,
    Figure,
    Filter,
    Key,
    Line,
    Reading,
    Scope,
    ScopeType,
    TargetReading,
    Unit,
)
from kpi.organisation import Organisation
from kpi.periods import Calendar, PeriodError
from kpi.schema import TABLES
from kpi.scopes import Directory, Rep, ScopeError, Team
from tests.kpi.conftest import Published

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
DIRECTORY = Directory([Rep("files:R1", "Ana"), Rep("files:R2", "Bo")], [Team("files:T1", "EMEA")], ["files"])
CALENDAR = Calendar(Organisation())
OCTOBER, NOVEMBER = CALENDAR.parse("2026-10"), CALENDAR.parse("2026-11")
LONG = "2024-01-01..2027-12-31"
THIRD = Decimal(1) / 3
FULL = Reading(
    kpi="winrate",
    name="Win rate",
    variant="value",
    unit=Unit.PERCENT,
    better=Better.UP,
    currency="EUR",
    scope=Scope(ScopeType.TEAM, "files:T1", "EMEA"),
    period=NOVEMBER,
    value=THIRD,
    numerator=Decimal(1),
    denominator=Decimal(3),
    records=3,
    reason=None,
    interval=(Decimal("0.1"), Decimal("0.7")),
    previous=Figure(OCTOBER, Decimal("0.5")),
    previous_to_date=Figure(OCTOBER, None, reason="zero_denominator"),
    benchmark=Decimal("0.25"),
    target=TargetReading(Decimal("0.4"), Decimal("0.8"), None),
    as_of=NOW,
    now=NOW,
    extras={"median": Amount(Decimal("12.5"), Unit.DAYS)},
    by=(
        Line(
            Key("rep", "files:R1", "Ana"),
            value=Decimal(1),
            numerator=Decimal(1),
            denominator=Decimal(1),
            records=1,
            second=Key("product", "(none)", "(none)"),
            interval=(Decimal("0.2"), Decimal(1)),
            extras={"share": Amount(Decimal("0.9"), Unit.PERCENT)},
        ),
    ),
    trend=(Figure(OCTOBER, Decimal("0.5"), Decimal(1), Decimal(2), 2),),
    versus=Figure(OCTOBER, Decimal("0.5")),
    notes=("One note", "another"),
    where=(Filter("rep", ("files:R1", "files:R2")), Filter("type", ("new",), excluded=True)),
)


@pytest.fixture
def company(published: Published) -> Company:
    return Company(published.engine, published.context)


def filled(row: pd.Series) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def test_the_whole_stands_in_the_first_row_with_all_that_it_is_compared_with():
    assert filled(answer_frame(FULL, DIRECTORY).loc[0]) == {
        "kpi": "winrate",
        "variant": "value",
        "unit": "percent",
        "scope": "team",
        "scope_id": "T1",
        "scope_name": "EMEA",
        "where": "rep=R1,R2; type!=new",
        "period": "2026-11",
        "value": THIRD,
        "numerator": Decimal(1),
        "denominator": Decimal(3),
        "interval_low": Decimal("0.1"),
        "interval_high": Decimal("0.7"),
        "records": 3,
        "previous_value": Decimal("0.5"),
        "versus_value": Decimal("0.5"),
        "benchmark": Decimal("0.25"),
        "target": Decimal("0.4"),
        "attainment": Decimal("0.8"),
        "notes": "One note; another",
        "extra_median": Decimal("12.5"),
    }


def test_a_line_has_its_keys_interval_and_extras_and_a_period_of_a_trend_its_own_key():
    frame = answer_frame(FULL, DIRECTORY)
    asked = ["kpi", "variant", "unit", "scope", "scope_id", "scope_name", "where"]

    assert filled(frame.loc[1].drop(asked)) == {
        "period": "2026-11",
        "dimension": "rep",
        "key": "R1",
        "name": "Ana",
        "second_dimension": "product",
        "second_key": "(none)",
        "second_name": "(none)",
        "value": Decimal(1),
        "numerator": Decimal(1),
        "denominator": Decimal(1),
        "interval_low": Decimal("0.2"),
        "interval_high": Decimal(1),
        "records": 1,
        "extra_share": Decimal("0.9"),
    }
    assert filled(frame.loc[2].drop(asked)) == {
        "period": "2026-10",
        "value": Decimal("0.5"),
        "numerator": Decimal(1),
        "denominator": Decimal(2),
        "records": 2,
    }


def test_the_columns_are_the_same_for_every_answer_but_for_those_of_extras():
    assert list(answer_frame(FULL, DIRECTORY).columns) == [*COLUMNS, "extra_median", "extra_share"]
    assert all(column.isidentifier() for column in answer_frame(FULL, DIRECTORY).columns)


def test_floats_stand_for_decimals_alone():
    frame = floats_for_decimals(answer_frame(FULL, DIRECTORY))

    assert frame.loc[0, "value"] == float(THIRD)
    assert frame.loc[0, "pace"] != frame.loc[0, "pace"]  # not a number
    assert {str(kind) for kind in frame[["value", "interval_low", "extra_share", "target"]].dtypes} == {"float64"}
    assert (frame["scope_id"] == "T1").all()
    assert str(frame["records"].dtype) == "Int64"


def test_every_kpi_can_be_read_at_once_for_several_periods_and_scopes(company: Company):
    months = company.last(2, "month")
    team = next(iter(company.context.directory.teams))

    frame = kpi.read(list(CATALOGUE), company, who=["company", f"team:{team}"], when=months, as_floats=True)

    assert list(frame["kpi"].unique()) == list(CATALOGUE)
    assert len(frame) == len(CATALOGUE) * 2 * 2
    assert list(frame["period"].unique()) == list(months)


def test_lines_of_a_frame_are_those_of_the_answer_and_add_up(company: Company):
    frame = kpi.read("deals", company, when=LONG, by=["rep", "type"], where={"type": ["new", None]})

    whole, lines = frame.iloc[0], frame.iloc[1:]
    assert whole["value"] == sum(lines["value"])
    assert set(lines["second_key"]) <= {"new", "(none)"}
    assert isinstance(whole["value"], Decimal)


def test_a_filter_by_people_takes_the_ids_that_lines_show(company: Company):
    by_rep = kpi.read("activities", company, when=LONG, by="rep").iloc[1:]
    people = by_rep[by_rep["key"] != "(unassigned)"]
    busiest = people.loc[people["value"].astype(int).idxmax()]

    only = kpi.read("activities", company, when=LONG, where={"rep": busiest["key"]})
    others = kpi.read("activities", company, when=LONG, where_not={"rep": busiest["key"]})

    assert busiest["value"] > 0
    assert only.loc[0, "value"] == busiest["value"]
    assert others.loc[0, "value"] == sum(by_rep["value"]) - busiest["value"]


def test_a_filter_by_campaign_takes_the_ids_that_lines_show(company: Company):
    by_campaign = kpi.read("newleads", company, when=LONG, by="campaign").iloc[1:]
    named = by_campaign[by_campaign["key"].isin(kpi.table("campaigns", company)["id"])].iloc[0]

    assert kpi.read("newleads", company, when=LONG, where={"campaign": named["key"]}).loc[0, "value"] == named["value"]


@pytest.mark.parametrize(
    ("asked", "more", "told"),
    [
        ("wirate", {}, "There is no KPI 'wirate': did you mean \"winrate\"?"),
        ("winrate valeu", {}, "winrate has no variant 'valeu': did you mean \"value\"?"),
        ("deals", {"by": "sauce"}, "deals has no dimension 'sauce': did you mean \"source\"?"),
        ("deals", {"where": {"typ": "new"}}, "deals has no dimension 'typ': did you mean \"type\"?"),
        ("deals", {"by": ["rep", "team", "type"]}, "An answer breaks down by 2 dimensions at most"),
        ("mqls", {"where": {"campaign": "nosuch"}}, "There is no campaign 'nosuch'."),
    ],
)
def test_what_does_not_exist_is_told_with_what_is_near(company: Company, asked: str, more: dict, told: str):
    with pytest.raises(kpi.ReadError) as raised:
        kpi.read(asked, company, when=LONG, **more)
    assert str(raised.value).startswith(told)


def test_scopes_periods_and_tables_that_are_none_are_told(company: Company):
    with pytest.raises(ScopeError):
        kpi.read("deals", company, who="team:nosuch")
    with pytest.raises(PeriodError):
        kpi.read("deals", company, when="2026-Q5")
    with pytest.raises(kpi.ReadError, match="There is no table 'deal': did you mean \"deals\""):
        kpi.table("deal", company)


def test_the_name_of_a_kpis_own_formula_is_accepted(company: Company):
    assert kpi.read("ltv subscription", company).equals(kpi.read("ltv", company))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_a_frame_in_which_numbers_are_exact(company: Company, table: str):
    frame = kpi.table(table, company)

    assert list(frame.columns) == list(TABLES[table].column_names)
    assert not any(str(kind).startswith("float") for kind in frame.dtypes)
    assert len(frame) == company.engine.run(f"select count(*) from {table}")[0][0]
    assert table_frame(company.engine, table, company.context.directory).equals(frame)


def test_the_package_has_no_other_names():
    assert set(kpi.__all__) == {"Company", "ReadError", "read", "table"}
    with pytest.raises(AttributeError, match="module 'kpi' has no attribute 'raed'"):
        kpi.raed  # noqa: B018
