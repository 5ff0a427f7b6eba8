"""Rules of leads, opportunities, conversions and their cost, each on a company small enough to work out in the head."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.conversion import CONVERSIONTIME, LEAD2OPP, LEAD2SALE, MQL2SQL, QUOTETOCLOSE, SQL2WON
from kpi.catalogue.leads import CPL, MQLS, NEWLEADS, NEWOPPS
from kpi.model import Filter, Scope, ScopeType
from kpi.organisation import Organisation
from tests.kpi.catalogue.conftest import NOW
from tests.kpi.expected.records import Company

NOVEMBER = datetime(2026, 11, 1, 4, tzinfo=UTC)  # its midnight in New York
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
ANN, BOB = Scope(ScopeType.REP, "files:R1", "Ann"), Scope(ScopeType.REP, "files:R2", "Bob")
TEAM = Scope(ScopeType.TEAM, "files:T1", "One")
OWNERS = [{"id": "R1", "name": "Ann", "team_id": "T1"}, {"id": "R2", "name": "Bob", "team_id": "T1"}]


def company(**tables):
    tables = {"owners": OWNERS, "teams": [{"id": "T1", "name": "One"}], **tables}
    return Company(Organisation(timezone="America/New_York", currency="USD"), {"files": tables})


def lead(number, **columns):
    return {"id": f"L{number}", "created_at": NOVEMBER, "owner_id": "R1", **columns}


def deal(number, status="won", **columns):
    return {"id": f"D{number}", "status": status, "created_at": NOVEMBER, "owner_id": "R1", **columns}


def touch(number, lead_number, at, **columns):
    about = {"lead_id": f"L{lead_number}", "at": at}
    return {"id": f"C{number}", "type": "call", "direction": "outbound", **about, **columns}


def keyed(reading):
    return {line.key.key: line.value for line in reading.by}


# Leads and their deals

LINKED = company(
    leads=[
        lead(1, deal_id="D4"),
        lead(2, deal_id="D3"),
        lead(3, deal_id="D3", opportunity_at=NOVEMBER + 9 * DAY, won_at=NOVEMBER + 8 * DAY),
        lead(4, deal_id="D2"),
        lead(5, deal_id="D5"),
        lead(6, deal_id="D6", created_at=NOVEMBER - TICK),
    ],
    deals=[
        deal(1, lead_id="L1", created_at=NOVEMBER + DAY, closed_at=NOVEMBER + 4 * DAY),
        deal(2, lead_id="L1", created_at=NOVEMBER + 2 * DAY, closed_at=NOVEMBER + 3 * DAY),
        deal(3, "lost", created_at=NOVEMBER + 5 * DAY, closed_at=NOVEMBER + 6 * DAY),
        deal(4, "open", created_at=NOVEMBER - 9 * DAY),
        deal(5, lead_id="L unknown", closed_at=NOVEMBER),
        deal(6, close_date=date(2026, 11, 2)),
    ],
)


def test_a_leads_deals_are_those_that_name_it_and_the_one_it_names_that_names_no_lead(opened):
    rows = opened(LINKED).run("select lead_id, opportunity_instant, won_instant from lead_funnel order by lead_id")
    november = NOVEMBER.replace(tzinfo=None)
    assert rows == [
        ("files:L1", november - 9 * DAY, november + 3 * DAY),
        ("files:L2", november + 5 * DAY, None),
        ("files:L3", november + 9 * DAY, november + 8 * DAY),
        ("files:L4", None, None),
        ("files:L5", None, None),
        ("files:L6", november, datetime(2026, 11, 2, 5)),
    ]


def test_opportunities_of_a_period_are_leads_that_became_one_in_it(asked):
    assert asked(LINKED, LEAD2OPP, "2026-11").value == Decimal(3) / 5
    reading = asked(LINKED, LEAD2OPP, "2026-11", variant="period")
    assert (reading.numerator, reading.denominator) == (3, 5)
    assert asked(LINKED, LEAD2OPP, "2026-10", variant="period").numerator == 1


def test_lead_to_sale_counts_all_won_deals_and_its_cohort_the_leads_of_the_period(asked):
    assert asked(LINKED, LEAD2SALE, "2026-11").numerator == 4
    cohort = asked(LINKED, LEAD2SALE, "2026-11", variant="cohort")
    assert (cohort.numerator, cohort.denominator, cohort.is_maturing) == (2, 5, True)
    assert cohort.interval is not None


def test_leads_of_a_month_begin_with_its_midnight(asked):
    assert asked(LINKED, NEWLEADS, "2026-11").value == 5
    assert asked(LINKED, NEWLEADS, "2026-10").value == 1


# Steps

STEPS = company(
    campaigns=[{"id": "K1", "name": "Ads", "channel": "search"}, {"id": "K2", "name": "Fair"}],
    leads=[
        lead(1, mql_at=NOVEMBER, sql_at=NOVEMBER - DAY, won_at=NOVEMBER, campaign_id="K1", source="web"),
        lead(2, mql_at=NOVEMBER, sql_at=NOW - TICK, won_at=NOW, campaign_id="K2", source="web", owner_id="R2"),
        lead(3, mql_at=NOVEMBER, sql_at=NOW, won_at=NOW - TICK, owner_id="R2"),
        lead(4, mql_at=NOW, sql_at=NOW),
        lead(5, mql_at=NOVEMBER - TICK, sql_at=NOVEMBER, campaign_id="K unknown"),
    ],
)


def test_a_cohort_is_those_who_took_the_first_step_in_the_period_and_the_next_by_now(asked):
    reading = asked(STEPS, MQL2SQL, "2026-11")
    assert (reading.numerator, reading.denominator) == (2, 3)
    assert asked(STEPS, MQL2SQL, "2026-11", now=NOW + TICK).numerator == 4
    assert asked(STEPS, SQL2WON, "2026-10").numerator == 1


def test_the_steps_of_a_period_are_counted_each_by_its_own_instant(asked):
    reading = asked(STEPS, MQL2SQL, "2026-11", variant="period")
    assert (reading.numerator, reading.denominator, reading.interval) == (2, 3, None)
    assert asked(STEPS, SQL2WON, "2026-11", variant="period").value == 1


def test_mqls_stand_by_the_id_of_their_campaign(asked):
    assert keyed(asked(STEPS, MQLS, "2026-11", by=("campaign",))) == {"files:K1": 1, "files:K2": 1, "(none)": 1}
    assert asked(STEPS, MQLS, "2026-11", by=("rep",)).by[1].value == 2
    assert asked(STEPS, MQLS, "2026-11", where=(Filter("source", ("web",)),)).value == 2


def test_a_won_deal_belongs_to_the_campaign_of_its_lead(asked):
    sold = company(
        campaigns=[{"id": "K1", "name": "Ads"}],
        leads=[lead(1, campaign_id="K1", deal_id="D1"), lead(2, campaign_id="K1"), lead(3)],
        deals=[deal(1, closed_at=NOVEMBER), deal(2, closed_at=NOVEMBER)],
    )
    lines = keyed(asked(sold, LEAD2SALE, "2026-11", by=("campaign",)))
    assert lines == {"files:K1": Decimal("0.5"), "(none)": 1}


# Time

TIMED = company(
    leads=[
        lead(1, won_at=NOVEMBER),
        lead(2, won_at=NOVEMBER + 3 * DAY),
        lead(3, won_at=NOVEMBER + DAY, created_at=NOVEMBER + DAY + TICK),
        lead(4),
    ],
    activities=[
        touch(1, 1, NOVEMBER - DAY, type="email", owner_id="R2"),
        touch(2, 1, NOVEMBER - 2 * DAY, outcome="scheduled"),
        touch(3, 1, NOVEMBER - 2 * DAY, direction="inbound"),
        touch(4, 1, NOVEMBER - 2 * DAY, type="meeting"),
        touch(5, 1, NOVEMBER, type="chat", outcome="no_answer"),
        touch(6, 2, NOVEMBER + 4 * DAY),
    ],
)


def test_conversion_takes_from_creation_to_win_and_no_time_counts(asked):
    reading = asked(TIMED, CONVERSIONTIME, "2026-11")
    assert (reading.value, reading.numerator, reading.denominator) == (Decimal("1.5"), 3, 2)
    assert reading.notes == ("1 lead was won before it was created and gives no time from its creation",)


def test_conversion_from_the_first_contact_by_anyone_leaves_out_and_names_who_had_none(asked):
    reading = asked(TIMED, CONVERSIONTIME, "2026-11", variant="contact")
    assert (reading.value, reading.records) == (1, 1)
    assert reading.notes == (
        "1 lead was won without a contact and is left out",
        "1 lead was won before its first contact and is left out",
    )


# Quotes

QUOTED = company(
    deals=[
        deal(1, closed_at=NOVEMBER + DAY),
        deal(2, closed_at=NOW, owner_id="R2"),
        deal(3, "lost", closed_at=NOVEMBER, owner_id=None),
        deal(4, owner_id="R2"),
    ],
    quotes=[
        {"id": "Q1", "deal_id": "D1", "owner_id": "R2", "sent_at": NOVEMBER},
        {"id": "Q2", "deal_id": "D1", "owner_id": "R1", "sent_at": NOVEMBER + DAY},
        {"id": "Q3", "deal_id": "D2", "owner_id": "R1", "sent_at": NOVEMBER},
        {"id": "Q4", "deal_id": "D3", "owner_id": "R1", "sent_at": NOVEMBER},
        {"id": "Q5", "deal_id": "D unknown", "owner_id": "R2", "sent_at": NOVEMBER},
        {"id": "Q6", "owner_id": "R2", "sent_at": NOVEMBER - TICK},
    ],
)


def test_a_quote_belongs_to_the_owner_of_its_deal_else_to_its_own(asked):
    reading = asked(QUOTED, QUOTETOCLOSE, "2026-11", by=("rep",))
    assert (reading.numerator, reading.denominator) == (1, 5)
    assert {line.key.key: line.denominator for line in reading.by} == {
        "files:R1": 2,
        "files:R2": 2,
        "(unassigned)": 1,
    }


def test_a_deal_with_two_quotes_counts_once_among_the_quoted_deals_won_by_now(asked):
    reading = asked(QUOTED, QUOTETOCLOSE, "2026-11", variant="cohort")
    assert (reading.numerator, reading.denominator) == (1, 3)
    assert asked(QUOTED, QUOTETOCLOSE, "2026-11", variant="cohort", now=NOW + TICK).numerator == 2
    assert "1 quote belongs to no known deal and is left out" in reading.notes


def test_a_deal_won_at_an_unknown_time_is_named_beside_the_deals_won(asked):
    note = "1 won deal is closed without a date and counts in no period"
    assert note in asked(QUOTED, QUOTETOCLOSE, "2026-11", scope=BOB).notes
    assert asked(QUOTED, QUOTETOCLOSE, "2026-11", scope=ANN).notes == ()


# New opportunities

OPENED = company(
    deals=[
        deal(1, amount=10, currency="EUR", closed_at=datetime(2026, 11, 5, 5, tzinfo=UTC) - TICK),
        deal(2, "lost", amount=100, currency="EUR", close_date=date(2026, 11, 5)),
        deal(3, "open", amount=1000, currency="eur", closed_at=NOVEMBER),
        deal(4, amount=10_000, currency="EUR"),
        deal(5, "open", amount=100_000),
        deal(6, "open"),
        deal(7, "open", amount=1, currency="BRL"),
        deal(8, amount=1, currency="BRL", closed_at=NOVEMBER),
        deal(9, "open", created_at=NOW, amount=1),
        deal(10, amount=1, currency="CAD", closed_at=NOVEMBER),
    ],
    fx_rates=[
        {"currency": "EUR", "date": date(2026, 10, 1), "rate": 2},
        {"currency": "EUR", "date": date(2026, 11, 5), "rate": 3},
        {"currency": "EUR", "date": date(2026, 11, 20), "rate": 4},
        {"currency": "CAD", "date": date(2026, 11, 2), "rate": 5},
    ],
)


def test_new_opportunities_closed_are_worth_what_they_were_then_and_all_others_what_they_are_today(asked):
    reading = asked(OPENED, NEWOPPS, "2026-11", by=("source",))
    assert reading.value == 9
    assert reading.extras["amount"].value == 10 * 2 + 100 * 3 + 1000 * 4 + 10_000 * 4 + 100_000
    assert reading.by[0].extras["amount"].value == reading.extras["amount"].value
    in_december = asked(OPENED, NEWOPPS, "2026-11", now=datetime(2026, 12, 2, tzinfo=UTC))
    assert in_december.extras["amount"].value == reading.extras["amount"].value + 1


@pytest.mark.parametrize("now", [NOW, datetime(2026, 12, 2, tzinfo=UTC)])
def test_new_opportunities_without_amount_or_rate_are_named(asked, now):
    assert asked(OPENED, NEWOPPS, "2026-11", now=now).notes == (
        "1 new deal has no amount and is left out of the amount",
        "1 new deal was closed on a day without an exchange rate for BRL and is left out of the amount",
        "1 new deal was closed on a day without an exchange rate for CAD and is left out of the amount",
        "1 new deal has no exchange rate for BRL today and is left out of the amount",
    )


def test_an_amount_that_fills_its_column_at_a_high_rate_does_not_overflow(asked):
    large = Decimal("99999999999999.9999")
    dong = company(
        deals=[
            deal(n, status, amount=large, currency="VND", closed_at=NOVEMBER)
            for n, status in enumerate(("won", "open"))
        ],
        fx_rates=[{"currency": "VND", "date": date(2026, 1, 1), "rate": Decimal("25000.00000001")}],
    )
    assert asked(dong, NEWOPPS, "2026-11").extras["amount"].value == Decimal("5000000000001999994.999999999998")


# Cost

SPENT = company(
    campaigns=[{"id": "K1", "name": "Ads", "channel": "search"}, {"id": "K2", "name": "Fair"}],
    leads=[lead(1, campaign_id="K1"), lead(2, campaign_id="K1"), lead(3), lead(4, campaign_id="K2")],
    spend=[
        {"id": f"X{n}", **dict(zip(("date", "category", "amount", "currency", "campaign_id"), row, strict=True))}
        for n, row in enumerate(
            [
                (date(2026, 11, 1), "marketing", 10, None, "K1"),
                (date(2026, 11, 20), "sales", 100, "EUR", "K2"),
                (date(2026, 11, 20), "marketing", 1000, None, None),
                (date(2026, 11, 20), "sales", 10_000, None, None),
                (date(2026, 11, 20), "marketing", 1, "BRL", "K1"),
                (date(2026, 11, 20), "marketing", 1, "BRL", None),
                (date(2026, 10, 31), "marketing", 5, None, "K1"),
                (date(2026, 11, 21), "marketing", 7, None, "K1"),
            ]
        )
    ],
    fx_rates=[{"currency": "EUR", "date": date(2026, 11, 20), "rate": 2}],
)


def test_a_lead_costs_what_campaigns_of_either_category_cost_by_all_leads(asked):
    reading = asked(SPENT, CPL, "2026-11")
    assert (reading.numerator, reading.denominator, reading.records) == (210, 4, 4)
    assert asked(SPENT, CPL, "2026-11-21", now=NOW + DAY).numerator == 7
    assert reading.notes == ("1 campaign expense has no exchange rate for BRL and is left out",)


def test_a_lead_without_a_campaign_costs_nothing(asked):
    assert keyed(asked(SPENT, CPL, "2026-11", by=("campaign",))) == {"files:K1": 5, "files:K2": 200, "(none)": 0}
    assert keyed(asked(SPENT, CPL, "2026-11", by=("channel",))) == {"search": 5, "(none)": 100}


def test_the_full_cost_of_a_lead_is_all_marketing_whether_of_a_campaign_or_not(asked):
    reading = asked(SPENT, CPL, "2026-11", variant="full")
    assert (reading.numerator, reading.denominator) == (1010, 4)
    assert reading.notes == ("2 marketing expenses have no exchange rate for BRL and are left out",)


def test_spend_has_no_owner(asked):
    for scope in (ANN, TEAM):
        assert asked(SPENT, CPL, "2026-11", scope=scope).reason == "not_applicable"


# Inputs


@pytest.mark.parametrize(
    ("kpi", "variant", "reason"),
    [
        (NEWLEADS, None, "leads"),
        (NEWOPPS, None, "deals"),
        (MQLS, None, "leads"),
        (CPL, None, "spend.campaign_id"),
        (CPL, "full", "leads"),
        (LEAD2SALE, None, "leads"),
        (QUOTETOCLOSE, None, "quotes"),
    ],
)
def test_a_table_that_was_never_supplied_is_named(asked, kpi, variant, reason):
    assert asked(BARE, kpi, "2026-11", variant=variant).reason == f"missing_input: {reason}"


BARE = company(spend=[{"id": "X1", "date": date(2026, 11, 1), "category": "sales", "amount": 1}])


@pytest.mark.parametrize(
    ("kpi", "variant", "reason"),
    [
        (MQLS, None, "leads.mql_at"),
        (MQL2SQL, None, "leads.mql_at"),
        (SQL2WON, "period", "leads.sql_at"),
        (LEAD2OPP, None, "leads.opportunity_at"),
        (LEAD2SALE, "cohort", "leads.won_at"),
        (CONVERSIONTIME, "contact", "leads.won_at"),
    ],
)
def test_a_column_that_is_empty_everywhere_is_named(asked, kpi, variant, reason):
    assert asked(UNTOUCHED, kpi, "2026-11", variant=variant).reason == f"missing_input: {reason}"


UNTOUCHED = company(leads=[lead(1)])
