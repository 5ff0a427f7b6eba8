"""Who may send which delivery, and what is remembered of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from bot.state import ClaimLostError, DeliveryKey, DeliveryState, Ledger, Part, StateError, open_state

KEY = DeliveryKey("T1", "weekly", "2026-W46", "channel:C1")
LEASE = timedelta(seconds=60)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(tmp_path):
    state = open_state("sqlite:///state.db", tmp_path)
    yield state
    state.close()


@pytest.fixture
def ledger(state, clock):
    return Ledger(state, claimant="one", clock=clock, lease=LEASE)


@pytest.fixture
def other(state, clock):
    return Ledger(state, claimant="two", clock=clock, lease=LEASE)


def test_a_new_delivery_is_granted_to_the_first_who_asks_and_stands_for_the_second(ledger, other):
    first, second = ledger.claim(KEY, again=False), other.claim(KEY, again=False)

    assert (first.granted, second.granted) == (True, False)
    assert second.delivery == first.delivery
    assert first.delivery.claimed_by == "one"
    assert first.delivery.posted_from is None


def test_a_claim_lasts_as_long_as_its_lease_and_goes_over_with_what_is_known(ledger, other, clock):
    posted = ledger.begin_post(ledger.claim(KEY, again=False).delivery, "C1", {"value": "0.5"})
    clock.forward(LEASE.total_seconds() - 1)
    assert not other.claim(KEY, again=False).granted
    clock.forward(1)

    taken = other.claim(KEY, again=False)

    assert taken.granted
    assert (taken.delivery.attempts, taken.delivery.claimed_by) == (2, "two")
    assert (taken.delivery.posted_from, taken.delivery.channel) == (posted.posted_from, "C1")


def test_who_has_lost_a_claim_writes_nothing_but_that_the_message_is_out(ledger, other, clock):
    mine = ledger.begin_post(ledger.claim(KEY, again=False).delivery, "C1", None)
    clock.forward(60)
    theirs = other.claim(KEY, again=False).delivery

    for write in (
        lambda: ledger.extend(mine),
        lambda: ledger.begin_post(mine, "C1", None),
        lambda: ledger.release(mine),
        lambda: ledger.fail(mine, "code", "why"),
        lambda: ledger.give_up(mine, "code", "why"),
    ):
        with pytest.raises(ClaimLostError):
            write()
    assert ledger.find(KEY) == theirs

    assert ledger.record_sent(mine, "C1", "1795338000.000100").state is DeliveryState.SENT
    with pytest.raises(ClaimLostError):
        other.begin_post(theirs, "C1", None)


def test_a_sent_delivery_stands_until_it_is_sent_again_as_a_new_revision(ledger):
    claimed = ledger.begin_post(ledger.claim(KEY, again=False).delivery, "C1", {"value": "0.5"})
    sent = ledger.record_sent(claimed, "C1", "1795338000.000100")

    assert ledger.claim(KEY, again=False).delivery == sent
    assert sent.sent_at == datetime(2026, 11, 22, 9, 0, 0, 100, tzinfo=UTC)
    assert sent.figures == {"value": "0.5"}

    again = ledger.claim(KEY, again=True)
    assert (again.granted, again.delivery.revision, again.delivery.posted_from) == (True, 2, None)
    assert ledger.find(KEY) == again.delivery


def test_what_was_recorded_as_sent_first_is_not_written_over(ledger):
    claimed = ledger.begin_post(ledger.claim(KEY, again=False).delivery, "C1", None)
    ledger.record_sent(claimed, "C1", "1795338000.000100")

    assert ledger.record_sent(claimed, "C1", "1795338009.000100").ts == "1795338000.000100"


def test_an_unknown_delivery_stands_and_a_failed_one_may_be_tried_again(ledger):
    unknown = ledger.give_up(ledger.claim(KEY, again=False).delivery, "missing_scope", "why")
    assert ledger.claim(KEY, again=False).delivery == unknown
    assert (unknown.state, unknown.code, unknown.why) == (DeliveryState.UNKNOWN, "missing_scope", "why")

    scorecard = DeliveryKey("T1", "scorecard", "2026-W46", "user:U1")
    ledger.fail(ledger.claim(scorecard, again=False).delivery, "is_archived", "why")
    retried = ledger.claim(scorecard, again=False)
    assert (retried.granted, retried.delivery.revision, retried.delivery.code) == (True, 1, None)


def test_a_refused_post_leaves_no_doubt_behind_but_that_of_earlier_ones(ledger, clock):
    claimed = ledger.claim(KEY, again=False).delivery
    ledger.begin_post(claimed, "C1", None)
    assert ledger.undo_post(claimed).posted_from is None

    doubtful = ledger.begin_post(claimed, "C1", None)
    clock.forward(10)
    assert ledger.begin_post(doubtful, "C1", None).posted_until == clock.now
    undone = ledger.undo_post(doubtful)
    assert (undone.posted_from, undone.posted_until) == (doubtful.posted_from, doubtful.posted_from)


def test_posts_to_another_channel_are_looked_for_from_their_own_time(ledger, clock):
    first = ledger.begin_post(ledger.claim(KEY, again=False).delivery, "C1", None)
    clock.forward(10)

    assert ledger.begin_post(first, "C2", None).posted_from == clock.now


def test_a_wait_keeps_the_claim(ledger, other, clock):
    claimed = ledger.claim(KEY, again=False).delivery
    ledger.extend(claimed, by=timedelta(seconds=300))
    clock.forward(359)

    assert not other.claim(KEY, again=False).granted


def test_a_released_claim_is_free_at_once(ledger, other):
    ledger.release(ledger.claim(KEY, again=False).delivery)

    assert other.claim(KEY, again=False).granted


def test_every_field_of_the_key_tells_deliveries_apart(ledger):
    keys = [
        KEY,
        DeliveryKey("T2", "weekly", "2026-W46", "channel:C1"),
        DeliveryKey("T1", "monthly", "2026-W46", "channel:C1"),
        DeliveryKey("T1", "weekly", "2026-W47", "channel:C1"),
        DeliveryKey("T1", "weekly", "2026-W46", "channel:C2"),
        DeliveryKey("T1", "weekly", "2026-W46", "channel:C1", Part.DETAILS),
        DeliveryKey("T1", "weekly", "2026-W46/channel:C1", "main"),
    ]
    claims = [ledger.claim(key, again=False) for key in keys]

    assert all(claim.granted for claim in claims)
    assert len({claim.delivery.name for claim in claims}) == len(keys)


def test_of_many_who_ask_at_once_one_is_granted(state, clock):
    ledgers = [Ledger(state, claimant=f"{n}", clock=clock, lease=LEASE) for n in range(10)]
    with ThreadPoolExecutor(10) as threads:
        claims = list(threads.map(lambda ledger: ledger.claim(KEY, again=False), ledgers))

    assert sum(claim.granted for claim in claims) == 1


def test_instants_come_back_in_utc_and_need_a_zone(state):
    hanoi = datetime(2026, 11, 22, 16, tzinfo=timezone(timedelta(hours=7)))
    claimed = Ledger(state, claimant="one", clock=lambda: hanoi, lease=LEASE).claim(KEY, again=False).delivery
    assert claimed.claimed_at == hanoi
    assert claimed.claimed_at.tzinfo is UTC

    naive = Ledger(state, claimant="one", clock=lambda: datetime(2026, 11, 22, 9), lease=LEASE)
    with pytest.raises(StateError) as caught:
        naive.claim(DeliveryKey("T1", "weekly", "2026-W47", "channel:C1"), again=False)
    assert isinstance(caught.value.__cause__, StatementError)
