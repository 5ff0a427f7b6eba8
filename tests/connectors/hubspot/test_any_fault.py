"""Whatever goes wrong at whichever request: a sync ends right or with an error, and the next one ends right.

Of which requests is drawn, the same every time. ``FAULTS=all`` takes each of them, which is half an hour of work.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import repeat
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Queue
from random import Random
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.emulator.limits import Policy
from connectors.hubspot.translation import TRANSLATED
from connectors.mapping import SourceSettings
from tests.connectors.hubspot.crm import LAG, Clock, Crm, differing, open_connector, run_sync
from tests.connectors.hubspot.edits import OBJECTS, Edit, apply, furnish

# What a sync gets over by itself, and what may end it. Each with the options of the fault.
PASSING: Mapping[str, tuple[Fault, Mapping[str, Any]]] = {
    "reset": (Fault.RESET, {}),
    "reset in the body": (Fault.RESET_IN_BODY, {}),
    "half of the JSON": (Fault.TRUNCATED, {}),
    "a page of HTML": (Fault.PAGE, {"status": 502}),
    "an error": (Fault.ERROR, {"status": 500}),
    "too many requests": (Fault.RATE_LIMIT, {}),
    "too many searches": (Fault.RATE_LIMIT, {"policy": Policy.SEARCH}),
    "too many, no policy named": (Fault.RATE_LIMIT, {"is_named": False, "retry_after": 3}),
    "an empty answer": (Fault.EMPTY, {}),
    "a list for an object": (Fault.WRONG_TYPE, {}),
    "a migration": (Fault.MIGRATING, {}),
}
ENDING: Mapping[str, tuple[Fault, Mapping[str, Any]]] = {
    "a repeated cursor": (Fault.REPEATED_CURSOR, {}),
    "an expired cursor": (Fault.EXPIRED_CURSOR, {}),
    "not signed in": (Fault.UNAUTHORIZED, {}),
    "a scope missing": (Fault.FORBIDDEN, {}),
    "the day used up": (Fault.RATE_LIMIT, {"policy": Policy.DAILY}),
}
_ALL = os.environ.get("FAULTS") == "all"
_PATIENCE = 60  # seconds for a process
_RANDOM = Random(20261120)  # noqa: S311 - the same every time

# What has happened in the account since it was synced.
EDITS = (
    *(Edit("change", name, 1, 9) for name in OBJECTS),
    *(Edit("create", name, 0, 3) for name in OBJECTS),
    *(Edit("change_stage", name, 2, n) for n, name in enumerate(("deals", "contacts", "leads"))),
    *(Edit("archive", name, 3) for name in ("deals", "contacts", "calls", "line_items")),
    *(Edit("merge", name, 0, 2) for name in ("contacts", "companies", "deals")),
    Edit("restore", "contacts"),
    Edit("associate", "deals__contacts", 0, 1),
    Edit("make_primary", "deals__companies", 1, 2),
    Edit("dissociate", "deals__contacts", 1, 0),
    Edit("flip_owner"),
)


class Case:
    """An account, a folder to start from, and what a sync that nothing disturbs makes of it."""

    def __init__(self, crm: Crm, begun: Path | None) -> None:
        self.crm, self.begun = crm, begun
        self.restart()
        self.requests = crm.sync()
        self.expected = crm.tables()
        assert differing(self.expected, crm.fresh_tables()) == {}

    def restart(self) -> None:
        """From the beginning once more, in a new folder."""
        shutil.rmtree(self.crm.folder)
        self.crm.folder = self.crm.new_folder()
        if self.begun:
            shutil.copytree(self.begun, self.crm.folder, dirs_exist_ok=True)

    def numbers(self, count: int) -> Sequence[int]:
        """Of which requests something is to happen to."""
        every = range(1, self.requests + 1)
        return every if _ALL else sorted(_RANDOM.sample(every, count))


@pytest.fixture(scope="module", params=["a first sync", "a sync of changes"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    clock = Clock()
    account = Account(clock=clock, timezone="UTC", page_shortfall=97)
    furnish(account)
    clock.move(timedelta(hours=1))
    with Crm(tmp_path_factory.mktemp("crm"), account=account, clock=clock) as crm:
        begun = None
        if request.param == "a sync of changes":
            crm.sync()
            begun = crm.new_folder()
            shutil.copytree(crm.folder, begun, dirs_exist_ok=True)
            apply(account, EDITS, clock.move)
            clock.move(LAG)
        yield Case(crm, begun)


@pytest.mark.parametrize("shift", range(2 * len(PASSING)) if _ALL else [0, 1])
def test_faults_that_pass_change_nothing(case, shift):
    """Every other request meets one of them, each in turn."""
    case.restart()
    kinds, faults = [*PASSING.values()], Faults()
    for number in range(1 + shift % 2, 2 * case.requests, 2):
        fault, options = kinds[(number + shift) // 2 % len(kinds)]
        faults |= Faults.at(number, fault, **options)
    case.crm.sync(faults=faults)
    assert differing(case.crm.tables(), case.expected) == {}


@pytest.mark.parametrize("hours", [-5.0, 5.0])
def test_a_clock_of_hubspots_that_is_wrong_loses_nothing(case, hours):
    case.restart()
    case.crm.sync(faults=Faults.every(1, Fault.DATE, hours=hours))
    assert differing(case.crm.tables(), case.expected) == {}


@pytest.mark.parametrize("name", ENDING)
def test_a_sync_that_a_fault_ends_is_brought_to_its_end_by_the_next(case, name):
    fault, options = ENDING[name]
    for number in case.numbers(1):
        case.restart()
        with suppress(SourceError):
            case.crm.sync(faults=Faults.at(number, fault, **options))
            assert (number, differing(case.crm.tables(), case.expected)) == (number, {})
            continue
        case.crm.sync()
        assert (number, differing(case.crm.tables(), case.expected)) == (number, {})


def test_a_sync_that_is_killed_is_brought_to_its_end_by_the_next(case):
    for number in case.numbers(1):
        case.restart()
        sync_and_kill(case.crm, number)
        case.crm.sync()
        assert (number, differing(case.crm.tables(), case.expected)) == (number, {})


def test_a_sync_that_is_killed_again_and_again_comes_to_its_end(case):
    case.restart()
    for number in range(1, case.requests, 25):
        if not sync_and_kill(case.crm, number):
            break
    case.crm.sync()
    assert differing(case.crm.tables(), case.expected) == {}


def test_a_sync_that_is_killed_while_it_writes_rows_is_brought_to_its_end_by_the_next(case):
    for batches in range(1, len(TRANSLATED) + 1) if _ALL else (1, 7):
        case.restart()
        assert run_child(case.crm, batches).exitcode == -signal.SIGKILL
        case.crm.sync()
        assert (batches, differing(case.crm.tables(), case.expected)) == (batches, {})


def sync_and_kill(crm: Crm, number: int) -> bool:
    """Syncs in a process of its own, which is killed when it has asked for so much. Whether it was."""
    children: Queue[BaseProcess] = Queue()
    crm.emulator.add_faults(Faults.call_at(number, lambda: os.kill(children.get().pid, signal.SIGKILL)))
    child = run_child(crm, None, children)
    crm.emulator.clear_faults()
    return child.exitcode != 0


def run_child(crm: Crm, batches: int | None, children: Queue[BaseProcess] | None = None) -> BaseProcess:
    """A process that has synced, or was killed at it: by itself after so many batches, or by who finds it in
    ``children``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    child = context.Process(
        target=sync_here, args=(crm.settings, crm.emulator.token, crm.folder, crm.clock, batches), daemon=True
    )
    child.start()
    if children is not None:
        children.put(child)
    child.join(_PATIENCE)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child


def sync_here(settings: SourceSettings, token: str, folder: Path, clock: Clock, batches: int | None) -> None:
    left = iter(range(batches - 1)) if batches else repeat(0)

    def loaded() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    run_sync(open_connector(settings, token, folder, clock), folder, loaded=loaded)
