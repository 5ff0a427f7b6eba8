"""Who is a customer and what their subscriptions bring, on accounts whose story fits in a line."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.kpi.companies import ORGANISATIONS, make_case
from tests.kpi.expected.ask import Expected
from tests.kpi.expected.customers import KPIS, NEEDS, NEVER, customers, movements, mrr_before
from tests.kpi.expected.frames import Frames, rows_of, total
from tests.kpi.expected.records import Row
from tests.kpi.expected.tiny import NOW, ask_of, frames_of, on

_TICK = timedelta(microseconds=1)


def _account(id_: str = "A1", **more: Any) -> Row:
    return {"id": id_} | more


def _subscription(id_: str, start: str, end: str | None = None, mrr: int = 100, **more: Any) -> Row:
    ended_at = on(end) if end else None
    own = {"id": id_, "account_id": "A1", "mrr": Decimal(mrr), "started_at": on(start), "ended_at": ended_at}
    return own | more


def _expected(kpi: str, frames: Frames, key: str = "2026-10", **more: Any) -> Expected:
    return KPIS[kpi](frames, ask_of(frames, key, **more))


def _interval(account: Row, *subscriptions: Row, deals: tuple[Row, ...] = ()) -> tuple[datetime, datetime] | None:
    found = rows_of(customers(frames_of(accounts=[account], subscriptions=list(subscriptions), deals=list(deals))))
    return (found[0]["since"], found[0]["until"]) if found else None


def _movements(*subscriptions: Row, **tables: list[Row]) -> list[tuple[str, str, int]]:
    """(day, kind, value) in their order."""
    frames = frames_of(subscriptions=list(subscriptions), **tables)
    return [(f"{move['at']:%m-%d}", move["kind"], move["value"]) for move in rows_of(movements(frames))]


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


class TestIntervals:
    def test_an_account_that_bought_nothing_is_no_customer(self):
        assert _interval(_account(churned_at=on("2026-10-01"))) is None

    def test_since_is_told_or_else_the_earlier_of_first_win_and_first_subscription(self):
        deal = {"id": "D1", "account_id": "A1", "status": "won", "created_at": NOW, "closed_at": on("2026-03-01")}
        subscription = _subscription("U1", "2026-02-01")
        told = _account(customer_since=on("2026-09-01"))
        assert _interval(told, subscription, deals=(deal,)) == (on("2026-09-01"), NEVER)
        assert _interval(_account(), subscription, deals=(deal,)) == (on("2026-02-01"), NEVER)
        assert _interval(_account(), deals=(deal,)) == (on("2026-03-01"), NEVER)
        assert _interval(_account(), deals=(deal | {"status": "lost"},)) is None

    def test_a_subscription_that_does_not_last_makes_no_customer(self):
        assert _interval(_account(), _subscription("U1", "2026-02-01", "2026-02-01")) is None

    def test_until_is_the_churn_or_else_the_end_of_the_last_subscription(self):
        own = _account(customer_since=on("2026-01-01"))
        first, last = _subscription("U1", "2026-01-01", "2026-03-01"), _subscription("U2", "2026-02-01", "2026-05-01")
        assert _interval(own, first, last) == (on("2026-01-01"), on("2026-05-01"))
        assert _interval(own | {"churned_at": on("2026-06-01")}, first, last) == (on("2026-01-01"), on("2026-06-01"))
        assert _interval(own, first, _subscription("U2", "2026-02-01")) == (on("2026-01-01"), NEVER)

    def test_a_churn_that_a_subscription_outlasts_is_none(self):
        own = _account(customer_since=on("2026-01-01"), churned_at=on("2026-04-01"))
        assert _interval(own, _subscription("U1", "2026-01-01", "2026-04-01"))[1] == on("2026-04-01")
        assert _interval(own, _subscription("U1", "2026-01-01", "2026-05-01"))[1] == on("2026-05-01")
        assert _interval(own, _subscription("U1", "2026-06-01"))[1] == NEVER

    def test_an_end_that_is_not_after_the_start_is_none(self):
        own = _account(customer_since=on("2026-04-01"))
        assert _interval(own | {"churned_at": on("2026-04-01")})[1] == NEVER
        assert _interval(own, _subscription("U1", "2026-01-01", "2026-04-01"))[1] == NEVER


class TestChurn:
    def _frames(self, since: datetime, until: datetime | None) -> Frames:
        return frames_of(accounts=[_account(customer_since=since, churned_at=until)])

    def _lost_of(self, since: datetime, until: datetime | None) -> tuple[int, int]:
        churn = _expected("churn", self._frames(since, until))
        assert churn.numerator is not None
        assert churn.denominator is not None
        return int(churn.numerator), int(churn.denominator)

    def test_a_customer_is_one_after_its_start_and_up_to_its_end(self):
        wall = frames_of().wall
        start, end = wall.midnight(date(2026, 10, 1)), wall.midnight(date(2026, 11, 1))
        long_ago = on("2026-01-01")
        assert self._lost_of(start, None) == (0, 0)  # new at the first instant
        assert self._lost_of(start - _TICK, None) == (0, 1)
        assert self._lost_of(long_ago, start - _TICK) == (0, 0)
        assert self._lost_of(long_ago, start) == (1, 1)
        assert self._lost_of(long_ago, end - _TICK) == (1, 1)
        assert self._lost_of(long_ago, end) == (0, 1)  # the next month's loss

    def test_retention_is_the_rest(self):
        accounts = [
            _account("A1", customer_since=on("2026-01-01")),
            _account("A2", customer_since=on("2026-01-01")),
            _account("A3", customer_since=on("2026-01-01")),
            _account("A4", customer_since=on("2026-01-01"), churned_at=on("2026-10-05")),
            _account("A5", customer_since=on("2026-10-03"), churned_at=on("2026-10-05")),
        ]
        frames = frames_of(accounts=accounts)
        assert _expected("retention", frames) == Expected(Decimal("0.75"), Decimal(3), Decimal(4), 4)
        assert _expected("churn", frames) == Expected(Decimal("0.25"), Decimal(1), Decimal(4), 4)
        assert _expected("newcustomers", frames) == Expected(Decimal(1), records=1)

    def test_in_a_running_month_only_what_happened_before_now_is_lost(self):
        assert _expected("churn", self._frames(on("2026-01-01"), NOW), "2026-11").numerator == 0
        assert _expected("churn", self._frames(on("2026-01-01"), NOW - _TICK), "2026-11").numerator == 1

    def test_without_customers_at_the_start_there_is_no_value(self):
        assert _expected("retention", self._frames(NOW, None)).reason == "zero_denominator"

    def test_a_customer_belongs_to_its_accounts_owner_and_segment(self):
        accounts = [_account("A1", customer_since=on("2026-10-05"), owner_id="R1", segment="11+"), _account("A2")]
        frames = frames_of(accounts=accounts, owners=[{"id": "R1", "name": "R1"}])
        assert _expected("newcustomers", frames, members=frozenset({"files:R1"})).value == 1
        assert _expected("newcustomers", frames, members=frozenset({None})).value == 0
        assert _expected("newcustomers", frames, segment="(none)").value == 0


class TestEngagement:
    def test_it_is_interactions_over_the_mean_months_of_the_relationship(self):
        end = frames_of().wall.midnight(date(2026, 11, 1))
        month = timedelta(days=30.4375)
        accounts = [
            _account("A1", customer_since=end - 2 * month),
            _account("A2", customer_since=end - 6 * month),
            _account("A3", customer_since=on("2026-10-02")),
        ]
        interactions = [
            {"account_id": "A1", "deal_id": "D3"},
            {"deal_id": "D2", "lead_id": "L3"},
            {"lead_id": "L1", "direction": "inbound"},
            {"deal_id": "D gone", "lead_id": "L1"},
            {"account_id": "A3", "deal_id": "D2"},
            {"account_id": "A1", "outcome": "no_show"},
            {"account_id": "A1", "at": on("2026-09-30")},
            {},
        ]
        activities = [
            {"id": f"C{number}", "type": "call", "at": on("2026-10-10")} | each
            for number, each in enumerate(interactions)
        ]
        frames = frames_of(
            accounts=accounts,
            activities=activities,
            deals=[{"id": "D2", "account_id": "A2", "status": "open", "created_at": NOW}],
            leads=[{"id": "L1", "account_id": "A1", "created_at": NOW}],
        )
        assert _expected("engagement", frames) == Expected(
            Decimal(1), Decimal(4), Decimal(4), 2
        )  # the mean of 2 and 6 months

    def test_a_relationship_ends_with_the_customer(self):
        start = frames_of().wall.midnight(date(2026, 10, 1))
        month = timedelta(days=30.4375)
        account = _account(customer_since=start - month / 2, churned_at=start + month / 2)
        activity = {"id": "C1", "type": "email", "at": on("2026-10-30"), "account_id": "A1"}
        assert _expected("engagement", frames_of(accounts=[account], activities=[activity])).value == 1

    def test_without_customers_there_is_no_value(self):
        assert _expected("engagement", frames_of(accounts=[_account()])).reason == "zero_denominator"


class TestMovements:
    def test_the_first_is_new_and_the_last_is_churned(self):
        assert _movements(_subscription("U1", "2026-10-05", "2026-10-20")) == [
            ("10-05", "new", 100),
            ("10-20", "churned", 100),
        ]

    def test_a_change_at_one_instant_is_the_difference_alone(self):
        rows = (
            _subscription("U1", "2026-08-05", "2026-09-05"),
            _subscription("U2", "2026-09-05", "2026-10-05", mrr=130),
            _subscription("U3", "2026-10-05", "2026-11-05", mrr=120),
            _subscription("U4", "2026-11-05", mrr=120),
        )
        assert _movements(*rows) == [("08-05", "new", 100), ("09-05", "expansion", 30), ("10-05", "contraction", 10)]

    def test_a_return_after_a_gap_is_churned_and_then_new(self):
        rows = _subscription("U1", "2026-08-05", "2026-09-05"), _subscription("U2", "2026-09-06", mrr=130)
        assert _movements(*rows) == [("08-05", "new", 100), ("09-05", "churned", 100), ("09-06", "new", 130)]

    def test_all_subscriptions_of_an_account_move_together(self):
        rows = (
            _subscription("U1", "2026-08-05", "2026-10-05"),
            _subscription("U2", "2026-09-05", mrr=50),
            _subscription("U3", "2026-10-05", mrr=20),
            _subscription("U4", "2026-10-05", mrr=30),
        )
        assert _movements(*rows) == [("08-05", "new", 100), ("09-05", "expansion", 50), ("10-05", "contraction", 50)]

    def test_the_rate_of_the_start_holds_for_ever(self):
        rates = [
            {"currency": "USD", "date": date(2026, 8, 5), "rate": Decimal("0.5")},
            {"currency": "USD", "date": date(2026, 9, 5), "rate": Decimal(2)},
        ]
        rows = _subscription("U1", "2026-08-05", "2026-09-20"), _subscription("U2", "2026-09-10", mrr=10)
        rows = tuple(row | {"currency": "USD"} for row in rows)
        assert _movements(*rows, fx_rates=rates) == [
            ("08-05", "new", 50),
            ("09-10", "expansion", 20),
            ("09-20", "contraction", 50),
        ]

    def test_what_does_not_last_or_has_no_rate_moves_nothing(self):
        rows = (
            _subscription("U1", "2026-08-05", "2026-08-05"),
            _subscription("U2", "2026-08-05", "2026-08-04"),
            _subscription("U3", "2026-08-05", currency="XXX"),
        )
        assert _movements(*rows) == []

    def test_the_whole_change_belongs_to_the_largest_that_starts_else_the_largest_that_ends(self):
        rows = [
            _subscription("U1", "2026-08-05", "2026-10-05", mrr=900, product="ends"),
            _subscription("U4", "2026-10-05", "2026-10-15", mrr=20, product="higher id"),
            _subscription("U3", "2026-10-05", "2026-10-15", mrr=20, product="lower id"),
            _subscription("U2", "2026-10-05", "2026-10-15", mrr=10, product="smaller"),
        ]
        found = [(move["product"], move["kind"]) for move in rows_of(movements(frames_of(subscriptions=rows)))]
        assert found == [("ends", "new"), ("lower id", "contraction"), ("lower id", "churned")]


class TestMrr:
    def _frames(self) -> Frames:
        """At October's start 100 of A1 and 40 of A2."""
        subscriptions = [
            _subscription("U1", "2026-01-05", "2026-10-10", owner_id="R1"),
            _subscription("U2", "2026-10-10", mrr=160, owner_id="nobody"),
            _subscription("U3", "2026-02-05", "2026-10-20", mrr=40, account_id="A2"),
            _subscription("U4", "2026-10-25", mrr=7, account_id="A2"),
            _subscription("U5", "2026-10-05", "2026-10-30", mrr=30, account_id="A gone", product="P1"),
        ]
        owners = [{"id": each, "name": each} for each in ("R1", "R2")]
        accounts = [_account("A1", owner_id="R2", segment="11+"), _account("A2", owner_id="R1")]
        return frames_of(owners=owners, accounts=accounts, subscriptions=subscriptions)

    def test_new_expansion_contraction_and_churn_explain_the_change_of_the_mrr(self):
        frames = self._frames()
        assert _expected("mrr", frames, "2026-09") == Expected(Decimal(140), records=2, extras={"arr": Decimal(1680)})
        assert _expected("newmrr", frames) == Expected(Decimal(37), records=2)
        extras = {"contraction": Decimal(0), "churned": Decimal(70), "net_new": Decimal(27)}
        assert _expected("expansionmrr", frames) == Expected(Decimal(60), records=1, extras=extras)
        assert _expected("mrr", frames).value == 140 + 27

    def test_revenue_churn_is_what_was_churned_and_contracted_of_the_mrr_at_the_start(self):
        assert _expected("revenuechurn", self._frames()) == Expected(Decimal("0.5"), Decimal(70), Decimal(140), 2)

    def test_a_subscription_belongs_to_its_known_owner_else_to_the_accounts(self):
        frames = self._frames()
        mrr = {rep: _expected("mrr", frames, members=frozenset({rep})).value for rep in ("files:R1", "files:R2", None)}
        assert mrr == {"files:R1": 7, "files:R2": 160, None: 0}

    def test_product_is_the_subscriptions_and_segment_the_accounts(self):
        assert _expected("newmrr", self._frames(), product="P1").value == 30
        assert _expected("mrr", self._frames(), segment="11+").value == 160
        assert _expected("mrr", self._frames(), segment="(none)").value == 7

    @pytest.mark.parametrize("seed", range(len(ORGANISATIONS)))
    def test_the_mrr_at_the_start_and_the_movements_are_the_mrr_at_the_end(self, seed: int):
        case = make_case(Random(seed), ORGANISATIONS[seed])  # noqa: S311 - the same every time
        frames = Frames(case.company, case.now)
        for key in case.keys:
            ask = ask_of(frames, key)
            if frames.wall.start(ask.days) < case.now:
                at_start = total(mrr_before(frames, ask, frames.wall.start(ask.days))["value"])
                net_new = KPIS["expansionmrr"](frames, ask).extras["net_new"] or 0
                assert at_start + Fraction(net_new) == Fraction(KPIS["mrr"](frames, ask).value or 0)

    def test_a_change_at_the_first_instant_belongs_to_the_new_month(self):
        midnight = frames_of().wall.midnight(date(2026, 10, 1))
        frames = frames_of(subscriptions=[_subscription("U1", "2026-10-01", started_at=midnight)])
        assert _expected("mrr", frames, "2026-09").value == 0
        assert _expected("newmrr", frames, "2026-09").value == 0
        assert _expected("newmrr", frames).value == 100
        assert _expected("revenuechurn", frames).reason == "zero_denominator"
