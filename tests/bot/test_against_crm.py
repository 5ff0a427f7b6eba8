"""Won deals and amounts beside the CRM's own figures, on Acme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.against_crm import against_crm
from bot.checks import Check, Level
from bot.config import Config, load_config
from connectors.base import Batch, Connector, Finding, Pulled, SourceError
from connectors.wins import Month, MonthlyWins
from tests.bot.acme import NOW, SYNCED_AT


@dataclass
class CountingCrm:
    """A CRM that counts as it is told, and nothing else."""

    name: str
    won: Mapping[str, tuple[int, str]]
    currency: str = "USD"
    reasons: tuple[str, ...] = ()
    expects: datetime | None = SYNCED_AT

    def monthly_wins(self, months: Sequence[Month], synced_at: datetime | None) -> Iterator[MonthlyWins]:
        assert synced_at == self.expects
        for month in months:
            if month.key not in self.won:
                raise SourceError("There is no such month.")
            won, amount = self.won[month.key]
            yield MonthlyWins(month, won, Decimal(amount), self.currency, self.reasons)

    def pull(self, cursors: Mapping[str, str], *, full: bool) -> Iterator[Batch | Pulled]:  # noqa: ARG002
        yield from ()

    def size(self) -> None:
        return None

    def check(self) -> Iterator[Finding]:
        yield from ()


NOTHING = dict.fromkeys(("2026-06", "2026-07", "2026-08", "2026-09", "2026-10"), (0, "0"))
ACME_WON = {**NOTHING, "2026-11": (4, "6500.00")}


@pytest.fixture
def config(acme: Path) -> Config:
    return load_config(acme / "scoreline.toml", {})


def compared(config: Config, crm: Connector) -> list[Check]:
    return list(against_crm(config, NOW, lambda: datetime.now(UTC), connect=lambda _settings, _world: crm))


def test_the_last_six_months_stand_beside_the_crms_own(config: Config):
    first, *months = compared(config, CountingCrm("files", ACME_WON))

    assert first.detail == "compared as of the sync of 2026-11-20 16:55 UTC"
    assert [check.subject for check in months] == [f"source files: 2026-{month:02}" for month in range(6, 12)]
    assert {check.level for check in months} == {Level.OK}
    assert months[-1].detail == "in the CRM 4 won, $6,500; here 4 won, $6,500"


def test_a_difference_is_a_note_with_what_may_explain_it(config: Config):
    crm = CountingCrm("files", {**ACME_WON, "2026-11": (5, "7000")}, reasons=("1 changed since the last sync",))

    last = compared(config, crm)[-1]

    assert last.level is Level.NOTE
    assert last.detail == (
        "in the CRM 5 won, $7,000; here 4 won, $6,500 (may explain it: 1 changed since the last sync)"
    )


def test_a_cent_is_a_difference_and_what_has_no_reason_is_said_to_have_none(config: Config):
    last = compared(config, CountingCrm("files", {**ACME_WON, "2026-11": (4, "6500.01")}))[-1]

    assert last.level is Level.NOTE
    assert last.detail.endswith("(nothing found explains it)")


def test_amounts_in_another_currency_are_not_compared(config: Config):
    last = compared(config, CountingCrm("files", {**ACME_WON, "2026-11": (4, "6000")}, currency="EUR"))[-1]

    assert last.level is Level.OK
    assert last.detail.endswith("(to know: the amounts are in two currencies and not compared)")


def test_only_the_deals_of_that_source_are_compared(config: Config):
    (source,) = config.sources
    other = replace(config, sources=(replace(source, name="other"),))

    last = compared(other, CountingCrm("other", ACME_WON, expects=None))[-1]

    assert last.detail.startswith("in the CRM 4 won, $6,500; here 0 won, $0")


def test_what_the_crm_refuses_is_told(config: Config):
    last = compared(config, CountingCrm("files", {}))[-1]

    assert (last.level, last.subject, last.detail) == (Level.BAD, "source files", "There is no such month.")


def test_before_the_first_sync_there_is_nothing_to_compare(config: Config, tmp_path: Path):
    empty = replace(config, store_url=f"duckdb:///{tmp_path}/none.duckdb")
    (check,) = compared(empty, CountingCrm("files", ACME_WON))

    assert check.level is Level.BAD
    assert "run kpi sync" in check.detail
