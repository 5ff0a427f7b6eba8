"""From a configured block to a KPI: short ones, whole ones, and built-in ones redefined."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi.catalogue import CATALOGUE
from kpi.formulas import Growth, Ratio, Total
from kpi.model import Better, Cadence, Combine, HeldAt, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from kpi.own import OwnDoubt, OwnExtra, OwnKpi, OwnMeasure, OwnValue, OwnVariant
from kpi.own.definition import define_kpi
from kpi.own.errors import OwnKpiError
from kpi.own.faults import find_fault, is_own
from tests.kpi.expected.records import Company

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
EMEA = Scope(ScopeType.TEAM, "files:T1", "EMEA")


def deal(number, amount, status="won", owner="R1", **columns):
    columns = {"closed_at": NOVEMBER, "currency": "USD", **columns}
    return {
        "id": f"D{number}", "status": status, "created_at": OCTOBER, "owner_id": owner, "amount": amount, **columns,
    }  # fmt: skip


ACME = Company(
    Organisation(currency="USD"),
    {
        "files": {
            "teams": [{"id": "T1", "name": "EMEA"}],
            "owners": [
                {"id": "R1", "name": "Ann", "team_id": "T1"},
                {"id": "R2", "name": "Bob", "team_id": "T1"},
            ],
            "deals": [
                deal(1, 100, source="web"),
                deal(2, 200, source="web"),
                deal(3, 1000, owner="R2"),
                deal(4, None),
                deal(5, 70, currency="BRL"),
                deal(6, 5000, "lost"),
            ],
            "quotes": [
                {"id": "Q1", "deal_id": "D3", "owner_id": "R1", "sent_at": NOVEMBER, "amount": 10},
                {"id": "Q2", "owner_id": "R1", "sent_at": NOVEMBER, "amount": 20, "currency": "eur"},
                {"id": "Q3", "owner_id": "R1", "sent_at": NOVEMBER, "amount": 30, "currency": "BRL"},
            ],
            "fx_rates": [{"currency": "EUR", "date": OCTOBER.date(), "rate": Decimal("1.5")}],
            "leads": [
                {"id": "L1", "owner_id": "R1", "created_at": NOVEMBER},
                {"id": "L2", "owner_id": "R2", "created_at": NOVEMBER},
            ],
            "activities": [
                {"id": f"A{n}", "type": "call", "direction": "outbound", "owner_id": owner, "lead_id": lead, "at": NOVEMBER}
                for n, (owner, lead) in enumerate([("R1", "L1"), ("R2", "L1"), ("R2", "L2")])
            ],
        }
    },
)  # fmt: skip


def closed(expression, **options):
    return OwnMeasure(relation="closed_deals", expression=expression, dated_by="closed_instant", **options)


def records(table, expression, dated_by="created_at", **options):
    return OwnMeasure(relation=f"{table}_records", expression=expression, dated_by=dated_by, **options)


def define(id_="mine", **parts):
    return define_kpi(OwnKpi(id=id_, **parts), CATALOGUE)


def refusal(id_="mine", **parts):
    with pytest.raises(OwnKpiError) as caught:
        define(id_, **parts)
    return caught.value.keys, str(caught.value)


BIG = closed("count(*) filter (where status = 'won' and value >= 200)")
WON = closed("count(*) filter (where status = 'won')")
ALL = closed("count(*)")
SIZE = closed("quantile_disc(value, 0.5) filter (where status = 'won')")


def test_one_measure_is_a_kpi(asked):
    kpi = define("big_deals", measures={"big": BIG})
    assert (kpi.name, kpi.formula, kpi.unit, kpi.better, kpi.cadence) == (
        "Big deals", "big", Unit.COUNT, Better.UP, Cadence.MONTHLY,
    )  # fmt: skip
    assert kpi.value == Total("big", records="big")
    assert kpi.needs == ("deals", "deals.closed_at|deals.close_date", "deals.amount")
    assert is_own(kpi)
    assert not kpi.redefined
    assert asked(ACME, kpi, "2026-11").value == 2
    assert [line.value for line in asked(ACME, kpi, "2026-11", by=("rep",)).by] == [1, 1]


def test_every_breakdown_of_the_relation_is_there_unless_some_are_named():
    assert define(measures={"big": BIG}).dimensions[:4] == ("rep", "team", "pipeline", "source")
    assert define(measures={"big": BIG}, dimensions=("source",)).dimensions == ("source",)
    both = define(
        measures={
            "won": WON,
            "leads": OwnMeasure(relation="lead_funnel", expression="count(*)", dated_by="created_at"),
        },
        value=OwnValue(ratio=("won", "leads")),
    )
    assert both.dimensions == ("rep", "team", "source", "campaign")


def test_a_share_of_records_has_an_interval_and_is_in_percent(asked):
    kpi = define(measures={"big": BIG, "won": WON}, value=OwnValue(ratio=("big", "won"), counts=True))
    reading = asked(ACME, kpi, "2026-11")
    assert (kpi.unit, kpi.formula) == (Unit.PERCENT, "big / won")
    assert (reading.numerator, reading.denominator, reading.records) == (2, 5, 5)
    assert reading.interval is not None


@pytest.mark.parametrize(
    "whole",
    [
        closed("count(*) filter (where status = 'lost')"),
        closed("count(distinct account_id)"),
        OwnMeasure(relation="closed_deals", expression="count(*)", dated_by="created_at"),
        OwnMeasure(relation="deal_records", expression="count(*)", dated_by="created_at"),
    ],
)
def test_a_share_must_be_of_what_its_denominator_counts(whole):
    keys, said = refusal(measures={"won": WON, "whole": whole}, value=OwnValue(ratio=("won", "whole"), counts=True))
    assert (keys, said) == (
        ("value", "counts"),
        "won must count some of what whole counts: the same, with more conditions.",
    )


def test_a_median_is_over_all_records_of_a_team_and_exact_between_two(asked):
    kpi = define(measures={"size": SIZE}, value=OwnValue(median="size"), unit="money")
    assert asked(ACME, kpi, "2026-11").value == 200
    assert asked(ACME, kpi, "2026-11", scope=EMEA).value == 200
    assert [line.value for line in asked(ACME, kpi, "2026-11", by=("rep",)).by] == [150, 1000]
    assert asked(ACME, kpi, "2026-11").records == 3


def test_growth_compares_with_the_period_before():
    kpi = define(measures={"won": WON}, value=OwnValue(growth="won"))
    assert kpi.value == Growth("won", records="won")
    assert (kpi.unit, kpi.formula) == (Unit.PERCENT, "(won - won of the previous period) / won of the previous period")


def test_money_stands_on_the_records_that_have_some_and_names_the_others(asked):
    kpi = define(unit="money", measures={"sold": closed("sum(value) filter (where status = 'won')")})
    reading = asked(ACME, kpi, "2026-11")
    assert (reading.value, reading.records) == (1300, 3)
    assert reading.notes == (
        "1 record has no amount, or no exchange rate for BRL, and is left out",
        "1 record has no amount, or no exchange rate for USD, and is left out",
    )


def test_money_in_the_records_own_currency_is_converted_and_belongs_to_the_deals_owner(asked):
    kpi = define(unit="money", measures={"quoted": records("quote", "sum(amount)", "sent_at", in_own_currency=True)})
    reading = asked(ACME, kpi, "2026-11", by=("rep",))
    assert (reading.value, reading.records) == (40, 2)
    assert [(line.key.name, line.value) for line in reading.by] == [("Ann", 30), ("Bob", 10)]
    assert reading.notes == ("1 record has no exchange rate for BRL and is left out",)


def test_distinct_counts_are_counted_for_the_team_as_a_whole(asked):
    reached = OwnMeasure(relation="done_activities", expression="count(distinct lead_id)", dated_by="at")
    kpi = define(measures={"reached": reached})
    assert kpi.measures["reached"].combine is Combine.WHOLE
    assert asked(ACME, kpi, "2026-11", scope=EMEA).value == 2
    assert define(measures={"reached": replace(reached, combine="sum")}).measures["reached"].combine is Combine.SUM


def test_two_steps_count_the_groups_of_records(asked):
    tried = records("activity", "count(*) filter (where calls > 1)", "at", per=("lead_id",), each={"calls": "count(*)"})
    kpi = define(measures={"tried": tried})
    assert asked(ACME, kpi, "2026-11").value == 1
    assert [line.value for line in asked(ACME, kpi, "2026-11", by=("rep",)).by] == [0, 0]


@pytest.mark.parametrize("table", ["account", "lead", "deal", "activity", "quote", "subscription"])
def test_the_records_of_every_table_with_owners_can_be_counted(asked, table):
    kpi = define(measures={"n": OwnMeasure(relation=f"{table}_records", expression="count(*)")}, needs=("owners",))
    rows = ACME.sources["files"].get({"activity": "activities"}.get(table, f"{table}s"), [])
    assert asked(ACME, kpi, "2026-11").value == len(rows)


def test_every_part_may_be_given(asked):
    kpi = define(
        name="Share of wins",
        what="How many deals are won.",
        formula="won / closed",
        unit="percent",
        better="none",
        cadence="weekly",
        measures={"won": WON, "closed": ALL},
        value=OwnValue(ratio=("won", "closed"), records="closed", counts=True, maturing=True),
        dimensions=("team", "source"),
        needs=("deals", "deals.closed_at|deals.close_date"),
        names={"en": ("share won",), "ru": ("доля побед",)},
        extras={"closed": OwnExtra(value=OwnValue(total="closed"))},
        line_extras=("closed",),
        variants=(OwnVariant(name="lost", value=OwnValue(ratio=("closed", "won")), better="down"),),
        doubts=(OwnDoubt(measure="won", one="1 in {key}", text="{n} in {key}", by="currency"),),
        scopes=("company", "team"),
        ranked=False,
        benchmark_periods=2,
    )
    assert isinstance(kpi.value, Ratio)
    assert kpi.value.is_maturing
    assert (kpi.scopes, kpi.ranked, kpi.benchmark_periods) == ((ScopeType.COMPANY, ScopeType.TEAM), False, 2)
    assert [variant.better for variant in kpi.variants] == [Better.DOWN]
    reading = asked(ACME, kpi, "2026-11", by=("source",))
    assert reading.extras["closed"].value == 6
    assert reading.notes == ("1 in BRL", "4 in USD")
    assert asked(ACME, kpi, "2026-11", variant="lost").value == Decimal("1.2")


def test_a_state_may_be_looked_at_as_the_period_ends():
    held = OwnMeasure(relation="deal_states", expression="count(*)", held_at="end")
    assert define(measures={"open": held}).measures["open"].held_at is HeldAt.END


def test_a_redefined_kpi_keeps_what_is_not_given_and_says_so(asked):
    built_in = CATALOGUE["winrate"]
    kpi = define(
        "winrate", measures={"won": OwnMeasure(expression="count(*) filter (where status = 'won' and value > 150)")}
    )
    assert (kpi.name, kpi.value, kpi.unit, kpi.names) == (built_in.name, built_in.value, built_in.unit, built_in.names)
    assert (kpi.dimensions, kpi.doubts, kpi.benchmark_periods) == (built_in.dimensions, built_in.doubts, 3)
    assert kpi.measures["won"].dated_by == "closed_instant"
    assert kpi.measures["closed"] is built_in.measures["closed"]
    reading = asked(ACME, kpi, "2026-11")
    assert (reading.numerator, reading.denominator) == (2, 6)
    assert "winrate is defined by this company's configuration, not by Scoreline" in reading.notes


def test_a_redefined_median_is_still_one(asked):
    expression = "quantile_disc(cycle_us, 0.5) filter (where status = 'lost')"
    kpi = define("cycle", measures={"middles": OwnMeasure(expression=expression)})
    assert asked(ACME, kpi, "2026-11").extras["median"].value == 31


def test_a_redefined_share_must_still_be_one():
    keys, said = refusal(
        "winrate", measures={"closed": OwnMeasure(expression="count(*) filter (where status = 'lost')")}
    )
    assert keys == ("measures", "closed")
    assert said == "won must count some of what closed counts: the same, with more conditions."


@pytest.mark.parametrize(
    ("parts", "keys", "said"),
    [
        ({}, (), "measures is missing"),
        ({"measures": {"Won": WON}}, ("measures", "Won"), "'Won' is no name"),
        ({"measures": {"won": WON, "all": ALL}}, (), "value is missing"),
        ({"measures": {"won": WON}, "value": OwnValue(total="one")}, ("value", "total"), "there is no measure 'one'"),
        ({"measures": {"won": WON}, "value": OwnValue()}, ("value",), "write one of total, ratio, median, growth"),
        ({"measures": {"won": WON}, "value": OwnValue(ratio=("won",))}, ("value", "ratio"), "is of two measures"),
        ({"measures": {"won": WON}, "value": OwnValue(total="won", counts=True)}, ("value", "counts"), "goes with a ratio"),
        ({"measures": {"won": WON}, "value": OwnValue(median="won")}, ("value", "median"), "must be quantile_disc"),
        ({"measures": {"size": SIZE}, "value": OwnValue(median="size")}, (), "unit is missing"),
        ({"measures": {"won": replace(WON, relation="closed_deal")}}, ("measures", "won", "relation"), 'did you mean "closed_deals"?'),
        ({"measures": {"won": replace(WON, dated_by="closed_at")}}, ("measures", "won", "dated_by"), "there is no column 'closed_at'"),
        ({"measures": {"won": replace(WON, held_at="end")}}, ("measures", "won", "held_at"), "are no intervals"),
        ({"measures": {"won": replace(WON, each={"n": "count(*)"})}}, ("measures", "won", "each"), "goes with per"),
        ({"measures": {"won": replace(WON, expression="sum(amount)")}}, ("measures", "won", "expression"), "no column 'amount'"),
        ({"measures": {"size": replace(SIZE, in_own_currency=True)}}, ("measures", "size", "in_own_currency"), "is a sum"),
        ({"measures": {"won": WON}, "dimensions": ("rep", "stage")}, ("dimensions",), "there is no dimension 'stage'"),
        ({"measures": {"won": WON}, "needs": ("deal",)}, ("needs",), 'there is no table \'deal\'; did you mean "deals"?'),
        ({"measures": {"won": WON}, "needs": ("deals|deals.price",)}, ("needs",), "deals has no column 'price'"),
        ({"measures": {"won": WON}, "line_extras": ("n",)}, ("line_extras",), "there is no extra 'n'"),
        ({"measures": {"won": WON}, "names": {"EN": ("x",)}}, ("names", "EN"), "'EN' is no name"),
        ({"measures": {"won": WON}, "names": {"en": ("Close Rate",)}}, ("names", "en"), "'Close Rate' means winrate already"),
        ({"measures": {"won": WON}, "name": "win-rate"}, ("name",), "'win-rate' means winrate already"),
        ({"measures": {"won": WON}, "doubts": (OwnDoubt(measure="won", one="1", text="{x}"),)}, ("doubts[1]", "text"), "may hold {n}"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_the_keys_that_lead_there(parts, keys, said):
    found, message = refusal(**parts)
    assert found == keys
    assert said in message


def test_an_id_is_no_word_of_another_kpi():
    assert refusal("revenue", measures={"won": WON}) == (
        ("id",),
        "'revenue' means bookings already: choose another word.",
    )
    assert refusal("Big", measures={"won": WON})[0] == ("id",)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (closed("sum(status)"), "measure n: Binder Error: No function matches the given name and argument types 'sum(VARCHAR)'"),
        (closed("max(status)"), "measure n: Binder Error: No function matches the given name and argument types 'abs(VARCHAR)'"),
        (closed("max(closed_instant)"), "argument types 'abs(TIMESTAMP)'"),
        (closed("sum(cast(status as bigint))"), "measure n: Conversion Error (a value of the records does not fit)"),
    ],
)  # fmt: skip
def test_what_the_store_cannot_compute_is_said_in_one_line_without_a_value(opened, measure, said):
    fault = find_fault(opened(ACME), define(measures={"n": measure}), NOW)
    assert fault is not None
    assert said in fault
    assert "\n" not in fault
    assert "won" not in fault


def test_what_the_store_can_compute_has_no_fault(opened):
    for kpi in (define(measures={"size": SIZE}, value=OwnValue(median="size"), unit="money"), *CATALOGUE.values()):
        assert find_fault(opened(ACME), kpi, NOW) is None
