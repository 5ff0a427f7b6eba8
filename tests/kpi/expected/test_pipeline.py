"""What was open when, on deals whose history is told in a line or two."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kpi.model import ScopeType
from tests.kpi.expected.ask import Expected
from tests.kpi.expected.frames import Frames, rows_of
from tests.kpi.expected.pipeline import KPIS, NEEDS, open_deals
from tests.kpi.expected.records import Row
from tests.kpi.expected.tiny import NOW, ask_of, frames_of, on


def _deal(**more: Any) -> Row:
    """An open deal of 100 since 1 June."""
    own = {"id": "D1", "status": "open", "stage": "now", "amount": Decimal(100), "probability": Decimal("0.5")}
    return own | {"created_at": on("2026-06-01")} | more


def _change(at: str, stage: str = "then", *, hour: int = 12, **more: Any) -> Row:
    return {"deal_id": "D1", "stage": stage, "at": on(at, hour)} | more


def _expected(kpi: str, frames: Frames, key: str, **more: Any) -> Expected:
    return KPIS[kpi](frames, ask_of(frames, key, **more))


def _states(key: str, deal: Row, *changes: Row, **more: Any) -> list[tuple[Any, ...]]:
    """(stage, amount, probability) of what is open at the end of a period."""
    frames = frames_of(deals=[deal], stage_changes=list(changes))
    deals = open_deals(frames, ask_of(frames, key, **more))
    return [(row["stage"], row["value"], row["probability"]) for row in rows_of(deals)]


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


class TestStates:
    def test_an_open_deal_without_history_was_always_as_it_is(self):
        assert _states("2026-06", _deal()) == [("now", 100, Decimal("0.5"))]
        assert _states("2026-05", _deal()) == []

    def test_a_deal_created_at_the_very_end_is_not_there_yet(self):
        end = frames_of().wall.midnight(date(2026, 7, 1))
        assert _states("2026-06", _deal(created_at=end)) == []
        assert _states("2026-11", _deal(created_at=NOW)) == []

    def test_before_its_first_change_a_deal_is_open_and_nothing_more_is_known(self):
        assert _states("2026-06", _deal(), _change("2026-07-15")) == [(None, 100, None)]

    def test_the_last_change_before_the_end_stands(self):
        changes = _change("2026-07-05", "first"), _change("2026-07-15", "second", amount=Decimal(70))
        assert _states("2026-07", _deal(), *changes, _change("2026-08-01", "third")) == [("second", 70, None)]

    def test_a_change_at_the_very_end_belongs_to_what_comes_after(self):
        change = _change("2026-06-30", "later", hour=22)  # midnight in Berlin
        assert _states("2026-06", _deal(), change) == [(None, 100, None)]

    def test_of_two_changes_at_one_instant_the_later_row_stands(self):
        assert _states("2026-07", _deal(), _change("2026-07-05", "b"), _change("2026-07-05", "a"))[0][0] == "a"

    def test_a_running_period_tells_the_table_whatever_the_history_says(self):
        won = _change("2026-11-01", status="won")
        assert _states("2026-11", _deal(), won) == [("now", 100, Decimal("0.5"))]
        assert _states("2026-11", _deal(status="won", closed_at=on("2026-12-24"))) == []

    @pytest.mark.parametrize(("probability", "is_open"), [("1", False), ("0", False), ("0.99", True), (None, True)])
    def test_a_change_without_status_tells_it_by_its_probability(self, probability: str | None, *, is_open: bool):
        number = None if probability is None else Decimal(probability)
        assert bool(_states("2026-07", _deal(), _change("2026-07-05", probability=number))) is is_open

    def test_the_status_of_a_change_goes_before_its_probability(self):
        assert _states("2026-07", _deal(), _change("2026-07-05", status="open", probability=Decimal(1)))

    def test_a_reopened_deal_was_closed_in_between(self):
        changes = _change("2026-07-05", status="lost"), _change("2026-08-05", "again")
        deal = _deal()
        assert [len(_states(key, deal, *changes)) for key in ("2026-06", "2026-07", "2026-08")] == [1, 0, 1]

    def test_a_closed_deal_without_history_was_open_from_its_creation_to_its_closing(self):
        deal = _deal(status="won", closed_at=on("2026-08-10"))
        assert _states("2026-07", deal) == [(None, 100, None)]
        assert _states("2026-08", deal) == []

    def test_a_closing_stands_against_a_change_at_the_same_instant_and_not_against_a_later_one(self):
        deal = _deal(status="won", closed_at=on("2026-08-10"))
        assert _states("2026-08", deal, _change("2026-08-10")) == []
        assert _states("2026-08", deal, _change("2026-08-11")) == [("then", 100, None)]

    def test_a_deal_closed_nobody_knows_when_was_never_in_a_pipeline(self):
        assert _states("2026-07", _deal(status="lost"), _change("2026-07-05")) == []

    def test_a_like_part_is_told_as_of_its_own_end(self):
        deal = _deal(status="won", closed_at=on("2026-10-19"))
        assert _states("2026-10", deal, until=on("2026-10-19", 11)) == [(None, 100, None)]
        assert _states("2026-10", deal, until=on("2026-10-20", 11)) == []


class TestMoney:
    _RATES = (
        {"currency": "USD", "date": date(2026, 10, 31), "rate": Decimal("0.5")},
        {"currency": "USD", "date": date(2026, 11, 1), "rate": Decimal(9)},
        {"currency": "USD", "date": date(2026, 11, 20), "rate": Decimal("0.8")},
    )

    def _value(self, key: str, **more: Any) -> Decimal | None:
        frames = frames_of(deals=[_deal(currency="USD")], fx_rates=list(self._RATES))
        return _expected("pipeline", frames, key, **more).value

    def test_a_finished_period_takes_the_rate_of_its_last_day(self):
        assert self._value("2026-10") == 50

    def test_a_running_period_takes_the_rate_of_today(self):
        assert self._value("2026-11") == 80

    def test_a_like_part_takes_the_rate_of_the_day_that_it_ends_on_or_with(self):
        assert self._value("2026-11", until=on("2026-11-01", 12)) == 900
        assert self._value("2026-11", until=on("2026-10-31", 23)) == 50

    def test_a_deal_without_rate_counts_and_is_worth_nothing_known(self):
        frames = frames_of(deals=[_deal(currency="USD"), _deal(id="D2")])
        assert _expected("pipeline", frames, "2026-11") == Expected(
            Decimal(100), records=1, extras={"deals": Decimal(2)}
        )

    def test_a_deal_without_probability_is_left_out_of_the_weighted_pipeline(self):
        frames = frames_of(deals=[_deal(), _deal(id="D2", probability=None)])
        assert _expected("weighted", frames, "2026-11") == Expected(
            Decimal(50), records=1, extras={"deals": Decimal(2)}
        )

    def test_a_stage_is_the_one_of_that_time(self):
        frames = frames_of(deals=[_deal()], stage_changes=[_change("2026-07-05")])
        assert _expected("pipeline", frames, "2026-07", stage="then").value == 100
        assert _expected("pipeline", frames, "2026-06", stage="(none)").value == 100
        assert _expected("pipeline", frames, "2026-07", stage="now").value == 0


class TestQuotes:
    def _frames(self) -> Frames:
        return frames_of(
            owners=[{"id": "R1", "name": "R1"}, {"id": "R2", "name": "R2"}],
            deals=[
                _deal(status="won", closed_at=on("2026-11-19"), owner_id="R1"),
                _deal(id="D2", status="won", closed_at=NOW, owner_id="R1"),
                _deal(id="D3", status="won", closed_at=on("2026-10-30")),
            ],
            quotes=[
                {"id": "Q1", "deal_id": "D1", "owner_id": "R2", "sent_at": on("2026-10-01")},
                {"id": "Q2", "deal_id": "D1", "owner_id": "R2", "sent_at": on("2026-10-02")},
                {"id": "Q3", "deal_id": "D2", "sent_at": on("2026-10-02")},
                {"id": "Q4", "deal_id": "gone", "owner_id": "R2", "sent_at": on("2026-10-02")},
                {"id": "Q5", "deal_id": "D3", "owner_id": "R2", "sent_at": on("2026-09-02")},
            ],
        )

    def test_wins_and_quotes_of_a_period_are_held_against_each_other(self):
        assert _expected("quotetoclose", self._frames(), "2026-10") == Expected(
            Decimal("0.25"), Decimal(1), Decimal(4), 4
        )

    def test_a_cohort_counts_deals_once_and_what_was_won_before_now(self):
        assert _expected("quotetoclose cohort", self._frames(), "2026-10") == Expected(
            Decimal("0.5"), Decimal(1), Decimal(2), 2
        )

    def test_a_quote_belongs_to_its_deals_owner_and_to_its_own_where_there_is_no_deal(self):
        counts = {
            rep: _expected("quotetoclose", self._frames(), "2026-10", members=frozenset({rep})).denominator
            for rep in ("files:R1", "files:R2", None)
        }
        assert counts == {"files:R1": 3, "files:R2": 1, None: 0}


class TestCapacity:
    def _frames(self) -> Frames:
        """Two active AEs (three wins of one of them on 2 October), one who left, and a BDR."""
        owners = [
            {"id": "R1", "name": "R1", "role": "ae"},
            {"id": "R2", "name": "R2", "role": "ae"},
            {"id": "R3", "name": "R3", "role": "ae", "active": False},
            {"id": "R4", "name": "R4", "role": "bdr"},
        ]
        wins = [("R1", "2026-10-02")] * 3 + [("R2", "2026-10-02")] * 2 + [("R3", "2026-10-05")] * 9
        wins += [("R4", "2026-11-02")] * 9 + [("R1", "2026-07-01")] * 8 + [("R2", "2026-11-03")]
        deals = [
            _deal(id=f"D{number}", status="won", closed_at=on(day), owner_id=rep)
            for number, (rep, day) in enumerate(wins)
        ]
        return frames_of(owners=owners, deals=deals, holidays=[{"date": date(2026, 11, 2)}])

    def test_it_is_the_best_day_of_one_for_all_business_days_of_the_whole_period(self):
        capacity = _expected("aecapacity", self._frames(), "2026-11")
        assert capacity.value == 3 * 2 * 20  # 21 weekdays, one of them a holiday

    def test_all_wins_of_the_scope_are_held_against_the_days_that_have_elapsed(self):
        extras = _expected("aecapacity", self._frames(), "2026-11").extras
        assert extras["deals"] == 10
        assert round(extras["utilisation"] or 0, 6) == round(Decimal(10) / (3 * 2 * 14), 6)

    def test_only_the_last_ninety_days_count(self):
        assert _expected("aecapacity", self._frames(), "2026-09").value == 0
        assert _expected("aecapacity", self._frames(), "2026-07").value == 8 * 2 * 23

    def test_without_an_active_ae_there_is_no_capacity_and_no_utilisation(self):
        members = frozenset({"files:R3", "files:R4"})
        capacity = _expected("aecapacity", self._frames(), "2026-11", members=members, scope_type=ScopeType.TEAM)
        assert (capacity.value, capacity.extras["utilisation"]) == (0, None)

    def test_a_rep_has_none(self):
        members = frozenset({"files:R1"})
        capacity = _expected("aecapacity", self._frames(), "2026-11", members=members, scope_type=ScopeType.REP)
        assert capacity.reason == "not_applicable"
