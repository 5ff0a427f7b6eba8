"""Within the account's limits, alone and beside others that use it. The limits are of shorter seconds than HubSpot's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.faults import Faults
from connectors.hubspot.emulator.limits import Limits, Policy
from connectors.hubspot.workers import WORKERS
from connectors.limiter import Limiter
from tests.connectors.hubspot.crm import Clock, Crm, differing
from tests.connectors.hubspot.edits import furnish

BURST, SECONDS, SEARCHES = 38, 0.5, 30
TOO_MANY = 429


@pytest.fixture
def open_crm(tmp_path: Path) -> Iterator[Callable[[float], Crm]]:
    opened: list[Crm] = []

    def open_(share: float) -> Crm:
        clock = Clock()
        account = Account(clock=clock, timezone="UTC")
        furnish(account)
        clock.move(timedelta(hours=1))
        limits = Limits(burst=BURST, burst_seconds=SECONDS, search=SEARCHES)
        limiter = lambda: Limiter(share, burst=BURST, interval=SECONDS, search=SEARCHES)  # noqa: E731
        opened.append(Crm(tmp_path, account=account, clock=clock, limits=limits, limiter=limiter))
        opened[-1].emulator.start()
        return opened[-1]

    yield open_
    for crm in opened:
        crm.emulator.stop()


def refusals(crm: Crm) -> int:
    return sum(each.status == TOO_MANY for each in crm.emulator.log)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_alone_in_an_account_nothing_is_refused(open_crm, share):
    crm = open_crm(share)
    crm.sync()
    assert refusals(crm) == 0


def test_no_more_is_asked_in_any_window_than_the_share_that_is_ours(open_crm):
    crm = open_crm(0.5)
    crm.sync()
    times = [each.at for each in crm.emulator.log if not each.path.endswith("/search")]
    most = max(sum(start <= at < start + SECONDS for at in times) for start in times)
    assert most <= BURST // 2


def test_beside_others_that_use_the_account_up_few_requests_are_refused_and_none_is_lost(open_crm):
    crm = open_crm(0.9)
    faults = Faults()
    for number in (20, 60, 90):
        faults |= Faults.call_at(number, lambda: crm.emulator.consume(Policy.BURST, BURST))
    crm.sync(faults=faults)
    assert 0 < refusals(crm) <= 3 * (WORKERS + 1)
    assert differing(crm.tables(), crm.fresh_tables()) == {}
