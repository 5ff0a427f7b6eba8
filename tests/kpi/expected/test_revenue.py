"""What closed deals brought, on deals that one can add up in one's head."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.kpi.expected.ask import Ask, Expected
from tests.kpi.expected.frames import Frames
from tests.kpi.expected.records import Row
from tests.kpi.expected.revenue import KPIS, NEEDS
from tests.kpi.expected.tiny import ask_of, frames_of, on


def _deal(id_: str, day: str = "2026-10-10", amount: int | str | None = 100, **more: Any) -> Row:
    worth = None if amount is None else Decimal(amount)
    return {"id": id_, "status": "won", "amount": worth, "created_at": on("2026-09-01"), "closed_at": on(day)} | more


def _line(id_: str, deal: str, **more: Any) -> Row:
    return {"id": id_, "deal_id": deal, "product": "P1"} | more


def _expected(kpi: str, frames: Frames, key: str = "2026-10", **where: str) -> Expected:
    return KPIS[kpi](frames, ask_of(frames, key, **where))


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


def test_a_deal_without_amount_counts_in_the_win_rate_and_in_no_money():
    frames = frames_of(deals=[_deal("D1"), _deal("D2", amount=None), _deal("D3", amount=300, status="lost")])
    assert _expected("winrate", frames).numerator == 2
    assert _expected("winrate", frames).records == 3
    assert _expected("winrate value", frames) == Expected(Decimal("0.25"), Decimal(100), Decimal(400), 2)
    assert _expected("bookings", frames) == Expected(Decimal(100), records=1, extras={"deals": Decimal(2)})
    assert _expected("dealsize", frames) == Expected(Decimal(100), Decimal(100), Decimal(1), 1)


def test_money_takes_the_rate_of_the_closing_day():
    rates = [
        {"currency": "usd", "date": date(2026, 10, 1), "rate": Decimal("0.5")},
        {"currency": "USD", "date": date(2026, 10, 20), "rate": Decimal("0.8")},
    ]
    before, since = (
        datetime(2026, 10, 19, 21, 59, tzinfo=UTC),
        datetime(2026, 10, 19, 22, tzinfo=UTC),
    )  # Berlin's midnight
    deals = [_deal("D1", currency="USD", closed_at=before), _deal("D2", currency="USD", closed_at=since)]
    assert _expected("bookings", frames_of(deals=deals, fx_rates=rates)).value == 130


def test_a_whole_period_grows_on_the_whole_one_before():
    frames = frames_of(deals=[_deal("D1", "2026-09-30", 80), _deal("D2", "2026-10-31", 100)])
    assert _expected("growth", frames) == Expected(Decimal("0.25"), Decimal(20), Decimal(80), 1)


def test_a_running_period_grows_on_the_like_part_of_the_one_before():
    deals = [_deal("D1", "2026-10-20", 50), _deal("D2", "2026-10-21", 1000), _deal("D3", "2026-11-19", 75)]
    deals[0]["closed_at"] = on("2026-10-20", 10)  # 12:00 in Berlin's summer: before the like 13:00
    frames = frames_of(deals=deals)
    assert _expected("growth", frames, "2026-11") == Expected(Decimal("0.5"), Decimal(25), Decimal(50), 1)


def test_a_like_part_grows_on_the_like_part_before_it():
    deals = [_deal("D1", "2026-09-10", 10), _deal("D2", "2026-09-25", 1000), _deal("D3", "2026-10-10", 15)]
    frames = frames_of(deals=deals)
    october = ask_of(frames, "2026-10", until=frames.wall.midnight(date(2026, 10, 20)))
    assert KPIS["growth"](frames, october).value == Decimal("0.5")


def test_growth_from_nothing_has_no_value():
    assert _expected("growth", frames_of(deals=[_deal("D1")])).reason == "zero_denominator"


def test_the_term_of_new_deals_is_the_mean_of_those_that_have_one():
    frames = frames_of(
        deals=[
            _deal("D1", type="new", term_months=12),
            _deal("D2", amount=None, type="new", term_months=24),
            _deal("D3", amount=300, type="new"),
            _deal("D4", amount=900, type="renewal", term_months=99),
        ]
    )
    assert _expected("newdealsize", frames) == Expected(
        Decimal(200), Decimal(400), Decimal(2), 2, extras={"term_months": Decimal(18)}
    )


class TestMargin:
    def test_lines_stand_where_every_one_has_amount_and_cost(self):
        lines = [
            _line("L1", "D1", amount=Decimal(60), cost=Decimal(30)),
            _line("L2", "D1", amount=Decimal(140), cost=Decimal(70)),
        ]
        frames = frames_of(deals=[_deal("D1", cost=Decimal(1))], line_items=lines)
        assert _expected("margin", frames) == Expected(Decimal("0.5"), Decimal(100), Decimal(200), 1)

    def test_one_line_without_cost_leaves_the_deals_own(self):
        lines = [_line("L1", "D1", amount=Decimal(60), cost=Decimal(30)), _line("L2", "D1", amount=Decimal(140))]
        frames = frames_of(deals=[_deal("D1", cost=Decimal(75))], line_items=lines)
        assert _expected("margin", frames) == Expected(Decimal("0.25"), Decimal(25), Decimal(100), 1)

    def test_a_deal_without_cost_or_rate_or_amount_is_left_out(self):
        deals = [
            _deal("D1", cost=Decimal(20)),
            _deal("D2", amount=900),
            _deal("D3", amount=900, cost=Decimal(1), currency="XXX"),
            _deal("D4", amount=None, cost=Decimal(1)),
            _deal("D5", amount=900, cost=Decimal(1), status="lost"),
        ]
        assert _expected("margin", frames_of(deals=deals)) == Expected(Decimal("0.8"), Decimal(80), Decimal(100), 1)


class TestCycle:
    def _lasting(self, *spans: timedelta) -> Frames:
        closed_at = on("2026-10-10")
        return frames_of(
            deals=[
                _deal(f"D{number}", created_at=closed_at - span - timedelta(days=99), first_contact_at=closed_at - span)
                for number, span in enumerate(spans)
            ]
        )

    def test_mean_and_median_are_in_days(self):
        frames = self._lasting(timedelta(days=1), timedelta(days=2), timedelta(days=6))
        assert _expected("cycle", frames) == Expected(
            Decimal(3), Decimal(9), Decimal(3), 3, extras={"median": Decimal(2)}
        )

    def test_a_deal_never_contacted_counts_from_its_creation(self):
        frames = frames_of(deals=[_deal("D1", created_at=on("2026-10-08", 0))])
        assert _expected("cycle", frames).value == Decimal("2.5")

    def test_a_negative_span_is_left_out_and_none_at_all_counts(self):
        frames = self._lasting(timedelta(days=-1), timedelta(0), timedelta(hours=12))
        assert _expected("cycle", frames) == Expected(
            Decimal("0.25"), Decimal("0.5"), Decimal(2), 2, extras={"median": Decimal("0.25")}
        )

    def test_there_is_no_median_of_nothing(self):
        cycle = _expected("cycle", frames_of(deals=[]))
        assert (cycle.reason, cycle.extras) == ("zero_denominator", {"median": None})


class TestProducts:
    def _frames(self) -> Frames:
        return frames_of(
            deals=[
                _deal("D1", amount=999, product="P9"),
                _deal("D2", amount=50, product="P1"),
                _deal("D3", "2026-09-10", 30, product="P1"),
            ],
            line_items=[
                _line("L1", "D1", family="F", quantity=Decimal("2.5"), amount=Decimal(100)),
                _line("L2", "D1", product="P2", amount=Decimal(50)),
                _line("L3", "D1", product="P2", quantity=Decimal(4)),
                _line("L4", "D unknown", amount=Decimal(7)),
            ],
        )

    def test_a_deal_is_its_lines_or_else_one_unit_of_its_own_product(self):
        assert _expected("products", self._frames()) == Expected(
            Decimal(200), records=3, extras={"units": Decimal("8.5")}
        )

    def test_a_product_is_told_with_its_share_and_the_amount_before(self):
        extras = {"units": Decimal("3.5"), "share": Decimal("0.75"), "previous": Decimal(30)}
        assert _expected("products", self._frames(), product="P1") == Expected(Decimal(150), records=2, extras=extras)

    def test_a_deal_without_lines_is_in_no_family(self):
        assert _expected("products", self._frames(), family="(none)").value == 100
        assert _expected("products", self._frames(), family="F").value == 100

    def test_a_running_period_is_told_with_the_like_part_before_it(self):
        deals = [_deal("D1", "2026-10-05", 30), _deal("D2", "2026-10-25", 500), _deal("D3", "2026-11-05", 60)]
        frames = frames_of(deals=[deal | {"product": "P1"} for deal in deals])
        assert _expected("products", frames, "2026-11", product="P1").extras["previous"] == 30


class TestChannels:
    def _frames(self) -> Frames:
        return frames_of(
            owners=[{"id": "R1", "name": "R1"}],
            deals=[
                _deal("D1", amount=30, contact_method="call", owner_id="R1"),
                _deal("D2", amount=10, contact_method="email", owner_id="R1"),
                _deal("D3", amount=60),
            ],
        )

    def test_the_whole_is_one(self):
        assert _expected("channels", self._frames()) == Expected(Decimal(1), Decimal(100), Decimal(100), 3)

    def test_a_method_is_its_part_of_all(self):
        assert _expected("channels", self._frames(), contact_method="call") == Expected(
            Decimal("0.3"), Decimal(30), Decimal(100), 1
        )
        assert _expected("channels", self._frames(), contact_method="(none)").value == Decimal("0.6")

    def test_of_a_rep_all_is_what_the_rep_won(self):
        frames = self._frames()
        ask: Ask = replace(ask_of(frames, "2026-10", contact_method="call"), members=frozenset({"files:R1"}))
        assert KPIS["channels"](frames, ask).value == Decimal("0.75")
