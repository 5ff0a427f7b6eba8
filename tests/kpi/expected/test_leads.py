"""What became of leads, in companies that one can count by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi.model import ScopeType
from tests.kpi.expected import Expected, Frames, expect
from tests.kpi.expected.leads import KPIS, NEEDS
from tests.kpi.expected.records import Row
from tests.kpi.expected.tiny import NOW, ask_of, frames_of

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
NOVEMBER = datetime(2026, 10, 31, 23, tzinfo=UTC)  # its midnight in Berlin
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
HALF, THIRD = Decimal("0.5"), Decimal("0.3333333333333333333333333333")


def lead(id_: str, at: datetime = MONDAY, **more: Any) -> Row:
    return {"id": id_, "created_at": at} | more


def deal(id_: str, status: str = "won", at: datetime = MONDAY, **more: Any) -> Row:
    return {"id": id_, "status": status, "created_at": at, "closed_at": at} | more


def november(kpi: str, frames: Frames, **more: Any) -> Expected:
    return expect(frames, kpi, ask_of(frames, "2026-11", **more))


def share(part: int, whole: int) -> Expected:
    value = {(1, 2): HALF, (1, 3): THIRD, (1, 1): Decimal(1), (2, 1): Decimal(2), (0, 1): Decimal(0)}[part, whole]
    return Expected(value, Decimal(part), Decimal(whole), whole)


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


def test_a_new_lead_lies_in_the_period_by_its_creation():
    frames = frames_of(leads=[lead(f"L{n}", at) for n, at in enumerate((NOVEMBER - TICK, NOVEMBER, NOW - TICK, NOW))])
    assert november("newleads", frames) == Expected(Decimal(2), records=2)
    assert november("newleads", frames, campaign="(none)").value == 2
    assert november("newleads", frames, source="Web").value == 0


def test_new_opportunities_are_worth_their_closing_or_today():
    frames = frames_of(
        deals=[
            deal("D1", amount=Decimal(10), currency="USD"),
            deal("D2", "open", amount=Decimal(10), currency="usd"),
            deal("D3", closed_at=None, amount=Decimal(10), currency="USD"),
            deal("D4", amount=Decimal(10), currency="XXX"),
            deal("D5"),
            deal("D6", "open", NOW, amount=Decimal(1)),
        ],
        fx_rates=[
            {"currency": "USD", "date": date(2026, 11, 2), "rate": Decimal(2)},
            {"currency": "USD", "date": date(2026, 11, 20), "rate": Decimal(3)},
        ],
    )
    assert november("newopps", frames) == Expected(Decimal(5), records=5, extras={"amount": Decimal(20 + 30 + 30)})


def funnel() -> Frames:
    return frames_of(
        leads=[
            lead("L1", MONDAY - 30 * DAY, mql_at=MONDAY, sql_at=MONDAY - 40 * DAY),
            lead("L2", mql_at=NOVEMBER, sql_at=NOW, won_at=NOW - TICK),
            lead("L3", mql_at=NOW, sql_at=MONDAY, won_at=NOW),
        ]
    )


def test_a_cohort_counts_who_took_the_next_step_by_now_whenever():
    assert november("mqls", funnel()).value == 2
    assert november("mql2sql", funnel()) == share(1, 2)
    assert november("sql2won", funnel()) == share(0, 1)
    assert november("lead2sale cohort", funnel()) == share(1, 2)


def test_a_variant_by_period_counts_both_steps_in_it():
    assert november("mql2sql period", funnel()) == share(1, 2)  # L3 / L1, L2
    assert november("sql2won period", funnel()) == share(1, 1)  # L2 / L3


def opened(**more: Any) -> Expected:
    """Of the lead L1: whether the deals, or its own columns, make an opportunity of it."""
    leads = [lead("L1", **more.pop("lead", {})), lead("L0", MONDAY - 30 * DAY)]
    return november("lead2opp", frames_of(leads=leads, deals=[deal("D1", "open") | more]))


@pytest.mark.parametrize(
    ("links", "share_of_one"),
    [
        ({"lead_id": "L1"}, 1),
        ({"lead": {"deal_id": "D1"}}, 1),
        ({"lead": {"deal_id": "D1"}, "lead_id": "L0"}, 0),
        ({"lead": {"deal_id": "D1"}, "lead_id": "L unknown"}, 0),
        ({"lead": {"deal_id": "D unknown"}}, 0),
        ({"lead_id": "L1", "created_at": NOW}, 0),
        ({"lead": {"opportunity_at": NOW}, "lead_id": "L1"}, 0),  # its own column stands
        ({"lead": {"opportunity_at": NOW - TICK}}, 1),
        ({}, 0),
    ],
)
def test_a_lead_is_an_opportunity_by_its_column_else_by_its_first_deal(links, share_of_one):
    assert opened(**links) == share(share_of_one, 1)


def test_a_deal_named_by_two_leads_is_the_lowests_and_opens_both():
    frames = frames_of(
        leads=[lead("L2", deal_id="D1", campaign_id="K2"), lead("L1", deal_id="D1", campaign_id="K1")],
        deals=[deal("D1")],
    )
    assert list(frames.deals["campaign"]) == ["files:K1"]
    assert november("lead2opp", frames).value == 1
    assert november("lead2sale", frames, campaign="files:K1") == share(1, 1)
    assert november("lead2sale", frames) == share(1, 2)


def test_a_lead_is_won_by_its_column_else_with_its_first_won_deal():
    deals = [
        deal("D1", "lost", lead_id="L1"),
        deal("D2", at=MONDAY + DAY, lead_id="L1"),
        deal("D3", at=MONDAY + 2 * DAY, lead_id="L1"),
        deal("D4", at=MONDAY + 3 * DAY, lead_id="L2"),
    ]
    frames = frames_of(leads=[lead("L1"), lead("L2", won_at=MONDAY)], deals=deals)
    assert list(frames.leads["won_instant"]) == [MONDAY + DAY, MONDAY]
    assert november("lead2sale", frames) == Expected(Decimal("1.5"), Decimal(3), Decimal(2), 2)


def test_a_conversion_takes_days_and_a_negative_one_is_an_error():
    frames = frames_of(
        leads=[
            lead("L1", won_at=MONDAY + DAY / 2),
            lead("L2", won_at=MONDAY),
            lead("L3", won_at=MONDAY - TICK),
            lead("L4", NOVEMBER - 3 * DAY, won_at=NOVEMBER - TICK),
        ],
        activities=[
            {"id": "C1", "type": "chat", "direction": "outbound", "lead_id": "L1", "at": MONDAY - DAY / 2},
            {"id": "C2", "type": "call", "direction": "outbound", "lead_id": "L1", "at": MONDAY},
            {"id": "C3", "type": "task", "direction": "outbound", "lead_id": "L2", "at": MONDAY},
        ],
    )
    assert november("conversiontime", frames) == Expected(Decimal("0.25"), HALF, Decimal(2), 2)
    assert november("conversiontime contact", frames) == Expected(Decimal(1), Decimal(1), Decimal(1), 1)


def costs() -> Frames:
    def spent(id_: str, amount: int, day: date = date(2026, 11, 2), **more: Any) -> Row:
        return {"id": id_, "date": day, "category": "marketing", "amount": Decimal(amount)} | more

    return frames_of(
        campaigns=[{"id": "K1", "name": "Fair", "channel": "events"}],
        leads=[lead("L1", campaign_id="K1"), lead("L2")],
        spend=[
            spent("X1", 10, campaign_id="K1", category="sales"),
            spent("X2", 3, date(2026, 11, 1), campaign_id="K unknown"),
            spent("X3", 100),
            spent("X4", 1000, category="sales"),
            spent("X5", 5, date(2026, 10, 31), campaign_id="K1"),
            spent("X6", 5, date(2026, 11, 21), campaign_id="K1"),
            spent("X7", 5, campaign_id="K1", currency="XXX"),
        ],
    )


def test_cost_per_lead_is_what_campaigns_cost_by_all_leads():
    assert november("cpl", costs()) == Expected(Decimal("6.5"), Decimal(13), Decimal(2), 2)
    assert november("cpl full", costs()) == Expected(Decimal("51.5"), Decimal(103), Decimal(2), 2)
    assert november("cpl", costs(), channel="events").value == 10
    assert november("cpl", costs(), campaign="(none)").value == 0
    assert november("cpl", costs(), campaign="files:K unknown").reason == "zero_denominator"


def test_spend_is_the_companys_alone():
    team = november("cpl", costs(), scope_type=ScopeType.TEAM, members=frozenset())
    assert (team.value, team.reason) == (None, "not_applicable")


def bdrs(*leads: Row) -> Frames:
    owners = [
        {"id": "R1", "name": "Ann", "role": "bdr"},
        {"id": "R2", "name": "Bob", "role": "bdr"},
        {"id": "R3", "name": "Cid", "role": "ae"},
        {"id": "R4", "name": "Dan", "role": "bdr", "active": False},
    ]
    return frames_of(owners=owners, leads=list(leads), holidays=[{"date": date(2026, 11, 2)}])


def qualified(id_: str, at: datetime, owner: str | None) -> Row:
    return lead(id_, at, mql_at=at, owner_id=owner)


def test_capacity_is_the_best_day_of_one_active_bdr_by_business_days_and_bdrs():
    august_23 = datetime(2026, 8, 22, 22, tzinfo=UTC)  # its midnight in Berlin, the first of 90 days
    frames = bdrs(
        *(qualified(f"L{n}", august_23, "R1") for n in range(2)),
        *(qualified(f"M{n}", august_23 - TICK, "R1") for n in range(3)),
        *(qualified(f"N{n}", MONDAY, owner) for n, owner in enumerate(("R1", "R2", "R4", "R4", "R4", "R3", None))),
    )
    # 21 weekdays less a holiday; 15 less one until the 20th, today included
    expected = november("bdrcapacity", frames)
    assert expected.value == 2 * 20 * 2
    assert expected.extras == {"mqls": 7, "utilisation": Decimal(7) / (2 * 14 * 2)}
    ann = november("bdrcapacity", frames, members=frozenset({"files:R1"}), scope_type=ScopeType.TEAM)
    assert (ann.value, ann.extras["mqls"]) == (40, 1)


def test_nobody_has_no_capacity_and_a_rep_is_not_asked():
    frames = bdrs(qualified("L1", MONDAY, "R1"))
    nobody = november("bdrcapacity", frames, members=frozenset({"files:R3"}), scope_type=ScopeType.TEAM)
    assert (nobody.value, nobody.extras) == (0, {"mqls": 0, "utilisation": None})
    rep = november("bdrcapacity", frames, members=frozenset({"files:R1"}), scope_type=ScopeType.REP)
    assert rep.reason == "not_applicable"


@pytest.mark.parametrize(
    ("kpi", "tables", "missing"),
    [
        ("mql2sql", {}, "leads"),
        ("mql2sql", {"leads": [lead("L1", mql_at=MONDAY)]}, "leads.sql_at"),
        ("sql2won", {"leads": [lead("L1", sql_at=MONDAY)]}, "leads.won_at"),
        ("lead2opp", {"leads": [lead("L1")]}, "leads.opportunity_at"),
        ("lead2opp", {"leads": [lead("L1")], "deals": [deal("D1")]}, None),
        ("lead2sale", {"leads": [lead("L1")], "deals": [deal("D1", closed_at=None)]}, "deals.closed_at"),
        ("cpl", {"leads": [lead("L1")]}, "spend"),
        ("conversiontime contact", {"leads": [lead("L1", won_at=MONDAY)]}, "activities"),
    ],
)
def test_the_first_input_that_nothing_supplies_is_named(kpi, tables, missing):
    assert november(kpi, frames_of(**tables)).reason == (f"missing_input: {missing}" if missing else None)
