"""Whatever people do to an account, between syncs and during them: what was synced step by step is what the account holds.

``EDITS`` is how many examples to take.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.faults import Faults
from tests.connectors.hubspot.crm import LAG, NIGHT, Clock, Crm, differing
from tests.connectors.hubspot.edits import ASSOCIATED, MERGEABLE, OBJECTS, OF_DEALS, Edit, apply, furnish

EXAMPLES = int(os.environ.get("EDITS", "5"))
_REQUESTS = 140  # about as many as a sync takes

examples = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], print_blob=True
)


@dataclass(frozen=True)
class Sync:
    """A sync, and what happens before the requests of these numbers are answered."""

    during: Sequence[tuple[int, Edit]] = ()


def edits(kinds: dict[str, Sequence[str]]) -> st.SearchStrategy[Edit]:
    """``kinds``: of each edit the objects, or pairs, that it may be of."""
    numbers = st.integers(0, 11)
    return st.one_of(
        [st.builds(Edit, st.just(kind), st.sampled_from(list(of)), numbers, numbers) for kind, of in kinds.items()]
    )


def histories(kinds: dict[str, Sequence[str]]) -> st.SearchStrategy[list[Edit | Sync]]:
    edit = edits(kinds)
    wait = st.builds(lambda minutes: Edit("wait", n=minutes * 60_000), st.sampled_from((1, 4, 30)))
    during = st.lists(st.tuples(st.integers(1, _REQUESTS), edit), max_size=6)
    return st.lists(st.one_of(edit, edit, edit, wait, st.builds(Sync, during)), min_size=4, max_size=16)


TRACED = {
    "create": OBJECTS,
    "change": OBJECTS,
    "change_stage": ("deals", "contacts", "leads"),
    "archive": OBJECTS,
    "restore": OBJECTS,
    "merge": MERGEABLE,
    "associate": OF_DEALS,
    "make_primary": OF_DEALS,
    "dissociate": OF_DEALS,
    "remove_stage": [""],
    "archive_pipeline": [""],
    "flip_owner": [""],
    "change_lag": [""],
    "wait": [""],
}
UNTRACED = {"purge": OBJECTS, **dict.fromkeys(("associate", "make_primary", "dissociate"), ASSOCIATED)}


@examples
@given(histories({**TRACED, **UNTRACED}))
def test_after_any_edits_a_night_brings_what_a_first_sync_would(history):
    with TemporaryDirectory() as folder, opened(Path(folder)) as crm:
        play(crm, history)
        settle(crm)
        crm.clock.move(NIGHT)
        crm.sync()
        assert differing(crm.tables(), crm.fresh_tables()) == {}


@examples
@given(histories(TRACED))
def test_edits_that_leave_a_trace_are_there_as_soon_as_the_index_is(history):
    with TemporaryDirectory() as folder, opened(Path(folder)) as crm:
        play(crm, history)
        settle(crm)
        assert differing(crm.tables(), crm.fresh_tables()) == {}


def opened(folder: Path) -> Crm:
    clock = Clock()
    account = Account(clock=clock, timezone="UTC", page_shortfall=97)  # three records on a page
    furnish(account)
    clock.move(timedelta(hours=1))
    return Crm(folder, account=account, clock=clock)


def play(crm: Crm, history: Sequence[Edit | Sync]) -> None:
    for step in history:
        if isinstance(step, Sync):
            faults = Faults()
            for number, edit in step.during:
                faults |= Faults.call_at(number, partial(apply, crm.account, (edit,), crm.clock.move))
            crm.sync(faults=faults)
        else:
            apply(crm.account, (step,), crm.clock.move)


def settle(crm: Crm) -> None:
    """A sync when the index knows everything."""
    crm.clock.move(LAG)
    crm.sync()
