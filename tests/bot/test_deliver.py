"""Whatever goes wrong on the way, a message is in Slack once, or it is told why not."""

import logging
import multiprocessing
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.deliver import OutcomeKind, OutgoingMessage, Patience, deliver
from bot.deliveries.history import metadata_of
from bot.deliveries.refusals import ErrorClass
from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from bot.playground.workspace import SCOPES, Channel, User, Workspace
from bot.state import DeliveryKey, DeliveryState, Ledger, open_state
from tests.bot.delivering_child import deliver_and_tell

POST, HISTORY, OPEN = "chat.postMessage", "conversations.history", "conversations.open"
BOT = Workspace(users=()).bot_user_id
REP = User("U1", "rep", email="rep@acme.example")
CHANNEL = Channel("C1", "sales", members=frozenset({BOT, "U1"}))
ACME = Workspace(
    users=(REP, User("U2", "gone", deleted=True), User("U3", "robot", is_bot=True)),
    channels=(
        CHANNEL,
        Channel("C2", "old", members=frozenset({BOT}), is_archived=True),
        Channel("C3", "elsewhere"),
    ),
)
PATIENCE = Patience(timeout_seconds=1)
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Win rate* 63 %"}}]


class Clock:
    """The time of day, put forward by each sleep instead of by waiting."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += timedelta(seconds=seconds)


class Sender:
    """A state and a client of its own, and a clock."""

    def __init__(self, slack: SlackEmulator, base: Path) -> None:
        self.slack = slack
        self.base = base
        self.state = open_state("sqlite:///state.db", base)
        self.client = WebClient(slack.bot_token, base_url=slack.api_url)
        self.clock = Clock()

    def deliver(self, message, *, again=False, sleep=None, patience=PATIENCE, claimant="test"):
        return deliver(
            self.state,
            self.client,
            message,
            again=again,
            clock=self.clock,
            sleep=sleep or self.clock.sleep,
            claimant=claimant,
            patience=patience,
        )

    def row(self, message):
        return self.ledger().find(message.key)

    def ledger(self):
        return Ledger(self.state, claimant="test", clock=self.clock, lease=PATIENCE.lease)


def message_to(to="C1", period="2026-W46", **fields):
    kind = "user" if to.startswith("U") else "channel"
    key = DeliveryKey(ACME.id, "weekly", period, f"{kind}:{to}")
    return OutgoingMessage(key, to, "Win rate 63 %", **{"blocks": BLOCKS, "figures": {"winrate": "0.63"}, **fields})


@pytest.fixture
def slack():
    with SlackEmulator(ACME, rate_limits=False) as emulator:
        yield emulator


@pytest.fixture
def sender(slack, tmp_path):
    sender = Sender(slack, tmp_path)
    yield sender
    sender.state.close()


def test_a_message_is_sent_once_with_its_figures_kept(slack, sender):
    outcome = sender.deliver(message_to())

    (said,) = slack.messages("C1")
    assert (outcome.kind, outcome.delivery.ts) == (OutcomeKind.SENT, said.ts)
    assert said.metadata == metadata_of("T0SCORELINE/weekly/2026-W46/channel:C1/main/1")
    assert said.blocks
    row = sender.row(message_to())
    assert (row.state, row.channel, row.figures) == (DeliveryState.SENT, "C1", {"winrate": "0.63"})
    arguments = slack.calls(POST)[0].arguments
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)


def test_a_repeated_send_says_already_sent_with_when_and_where(slack, sender):
    sent = sender.deliver(message_to())
    again = sender.deliver(message_to())

    assert again.kind is OutcomeKind.ALREADY_SENT
    assert (
        again.told == f"Already sent to C1 at {sent.delivery.sent_at:%Y-%m-%d %H:%M} UTC; --again sends it once more."
    )
    assert len(slack.messages("C1")) == 1


def test_again_sends_a_new_revision(slack, sender):
    sender.deliver(message_to())
    outcome = sender.deliver(message_to(), again=True)

    assert (outcome.kind, outcome.delivery.revision) == (OutcomeKind.SENT, 2)
    assert len(slack.messages("C1")) == 2


def test_another_period_is_another_delivery(slack, sender):
    assert sender.deliver(message_to(period="2026-W45")).kind is OutcomeKind.SENT
    assert sender.deliver(message_to(period="2026-W46")).kind is OutcomeKind.SENT
    assert len(slack.messages("C1")) == 2


def test_a_person_gets_a_direct_message(slack, sender):
    outcome = sender.deliver(message_to("U1"))

    assert outcome.delivery.channel == slack.direct_channel("U1")
    assert [said.text for said in slack.direct_messages("U1")] == ["Win rate 63 %"]


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.DROP_AFTER, {}),
        (Fault.TRUNCATED, {}),
        (Fault.SERVER_ERROR, {"accepted": True}),
        (Fault.SERVER_ERROR, {"accepted": True, "status": 503}),
        (Fault.HTML, {"accepted": True}),
        (Fault.HTML, {"accepted": True, "status": 502}),
        (Fault.ERROR, {"accepted": True, "error": "fatal_error"}),
        (Fault.ERROR, {"accepted": True, "error": "internal_error"}),
        (Fault.SLOW, {"seconds": 1.3}),
    ],
    ids=str,
)
def test_a_post_that_went_out_with_its_answer_lost_is_found_and_not_repeated(slack, sender, fault, options):
    slack.fault(POST, fault, **options)
    outcome = sender.deliver(message_to())

    (said,) = slack.messages("C1")
    assert (outcome.kind, outcome.delivery.ts) == (OutcomeKind.SENT, said.ts)
    assert len(slack.calls(POST)) == 1


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.DROP_BEFORE, {}),
        (Fault.SERVER_ERROR, {}),
        (Fault.HTML, {}),
        (Fault.ERROR, {"error": "fatal_error"}),
    ],
    ids=str,
)
def test_a_post_that_did_not_go_out_is_repeated_once_that_is_sure(slack, sender, fault, options):
    slack.fault(POST, fault, times=2, **options)
    outcome = sender.deliver(message_to())

    assert outcome.kind is OutcomeKind.SENT
    assert len(slack.messages("C1")) == 1
    assert sender.clock.slept == [1, 3, 6, 1, 3, 6]


def test_a_post_that_timed_out_is_waited_for_longer():
    assert sum(Patience().looks_after_timeout) > sum(Patience().looks_after_break)
    assert Patience().lease.total_seconds() > 2 * Patience().timeout_seconds


def test_a_message_that_appears_late_is_not_sent_twice(slack, sender):
    slack.fault(POST, Fault.DROP_BEFORE)
    message = message_to()

    def sleep(seconds):
        sender.clock.sleep(seconds)
        if len(sender.clock.slept) == 3:  # the broken request comes through at last, before the last look
            metadata = metadata_of(sender.row(message).name)
            sender.client.chat_postMessage(channel="C1", text=message.text, metadata=metadata)

    assert sender.deliver(message, sleep=sleep).kind is OutcomeKind.SENT
    assert len(slack.messages("C1")) == 1


def test_without_the_right_to_read_the_history_it_is_unknown_and_not_sent_again(tmp_path):
    workspace = replace(ACME, scopes=SCOPES - {"channels:history"})
    with SlackEmulator(workspace, rate_limits=False) as slack:
        sender = Sender(slack, tmp_path)
        slack.fault(POST, Fault.DROP_BEFORE)
        first, second = sender.deliver(message_to()), sender.deliver(message_to())
        assert slack.messages("C1") == []
        again = sender.deliver(message_to(), again=True)
        said = slack.messages("C1")
        sender.state.close()

    assert (first.kind, second.kind) == (OutcomeKind.UNKNOWN, OutcomeKind.UNKNOWN)
    assert first.told == (
        "Unknown whether it was sent: the answer to the post was lost, and the channel's history can't be read "
        "(missing_scope). Look in C1; if it is not there, --again sends it."
    )
    assert (again.kind, again.delivery.revision, len(said)) == (OutcomeKind.SENT, 2, 1)


def test_an_unknown_delivery_is_known_as_sent_as_soon_as_it_is_found(slack, sender):
    slack.fault(POST, Fault.DROP_AFTER)
    slack.fault(HISTORY, Fault.ERROR, error="missing_scope", details={"needed": "channels:history"})
    assert sender.deliver(message_to()).kind is OutcomeKind.UNKNOWN

    assert sender.deliver(message_to()).kind is OutcomeKind.ALREADY_SENT
    assert len(slack.messages("C1")) == 1


def test_an_unknown_delivery_that_is_not_found_is_left_to_a_person(slack, sender):
    slack.fault(POST, Fault.DROP_BEFORE)
    slack.fault(HISTORY, Fault.ERROR, error="missing_scope")
    sender.deliver(message_to())

    assert sender.deliver(message_to()).kind is OutcomeKind.UNKNOWN
    assert slack.messages("C1") == []


def test_metadata_that_slack_holds_back_leaves_it_unknown(slack, sender):
    withheld = {"event_type": "scoreline_delivery", "event_payload": {}}
    sender.client.chat_postMessage(channel="C1", text="Win rate 63 %", metadata=withheld)
    slack.fault(POST, Fault.DROP_BEFORE)

    assert sender.deliver(message_to()).delivery.code == "metadata_withheld"


def test_a_network_that_fails_for_a_while_leaves_it_to_the_next_call(slack, sender):
    slack.fault(POST, Fault.DROP_AFTER)
    slack.fault(HISTORY, Fault.DROP_BEFORE, times=3)
    first = sender.deliver(message_to())
    second = sender.deliver(message_to())

    assert (first.kind, first.delivery.state) == (OutcomeKind.UNKNOWN, DeliveryState.CLAIMED)
    assert "Give the same command again later: it looks before it sends." in first.told
    assert second.kind is OutcomeKind.ALREADY_SENT
    assert len(slack.messages("C1")) == 1


def test_a_message_is_found_whatever_our_clock_says(slack, sender):
    sender.clock.ahead = timedelta(days=-400)
    slack.fault(POST, Fault.DROP_AFTER)

    assert sender.deliver(message_to()).kind is OutcomeKind.SENT
    assert len(slack.calls(POST)) == 1


def test_a_message_of_long_ago_is_found_in_a_busy_channel(slack, sender):
    slack.fault(POST, Fault.DROP_AFTER)
    slack.fault(HISTORY, Fault.DROP_BEFORE, times=3)
    sender.deliver(message_to())
    for number in range(450):
        slack.say("U1", "C1", f"talk {number}")

    assert sender.deliver(message_to()).kind is OutcomeKind.ALREADY_SENT


def test_a_history_too_long_to_be_read_leaves_it_unknown(slack, sender):
    slack.fault(POST, Fault.DROP_BEFORE)
    for number in range(250):
        slack.say("U1", "C1", f"talk {number}")
    outcome = sender.deliver(message_to(), patience=replace(PATIENCE, history_pages=1))

    assert (outcome.kind, outcome.delivery.code) == (OutcomeKind.UNKNOWN, "history_too_long")
    assert len(slack.calls(HISTORY)) == 1


def test_a_post_that_never_succeeds_is_given_up_after_some_tries_and_may_be_tried_later(slack, sender):
    slack.fault(POST, Fault.DROP_BEFORE, times=PATIENCE.tries)
    outcome = sender.deliver(message_to())
    assert (outcome.kind, outcome.failure.error_class) == (OutcomeKind.FAILED, ErrorClass.PASSING)
    assert outcome.told == "Not sent: Slack did not take the message in several tries: try again later."

    assert sender.deliver(message_to()).kind is OutcomeKind.SENT
    assert len(slack.messages("C1")) == 1


def test_a_rate_limit_is_waited_for_as_told(slack, sender):
    slack.fault(POST, Fault.RATE_LIMITED, retry_after=17)

    assert sender.deliver(message_to()).kind is OutcomeKind.SENT
    assert sender.clock.slept == [17]
    assert slack.calls(HISTORY) == []


def test_a_rate_limit_beyond_all_patience_is_told(slack, sender):
    slack.fault(POST, Fault.RATE_LIMITED, retry_after=3_600)
    outcome = sender.deliver(message_to())

    assert (outcome.failure.error_class, outcome.failure.code) == (ErrorClass.PASSING, "ratelimited")
    assert sender.clock.slept == []
    assert sender.row(message_to()).posted_from is None


def test_a_rate_limit_of_the_history_is_waited_for(slack, sender):
    slack.fault(POST, Fault.DROP_AFTER)
    slack.fault(HISTORY, Fault.RATE_LIMITED, retry_after=60)

    assert sender.deliver(message_to()).kind is OutcomeKind.SENT
    assert sender.clock.slept == [1, 60]


def test_a_slack_that_can_not_be_reached_is_told(slack, sender):
    slack.stop()
    outcome = sender.deliver(message_to())

    assert outcome.told == "Not sent: Slack could not be reached: check the network, then try again."
    assert sender.row(message_to()).posted_from is None


@pytest.mark.parametrize(
    ("to", "error_class", "code"),
    [
        ("C2", ErrorClass.TARGET_GONE, "is_archived"),
        ("C3", ErrorClass.TARGET_GONE, "not_in_channel"),
        ("C404", ErrorClass.TARGET_GONE, "channel_not_found"),
        ("U2", ErrorClass.TARGET_GONE, "user_disabled"),
        ("U3", ErrorClass.TARGET_GONE, "cannot_dm_bot"),
    ],
)
def test_a_target_that_is_gone_is_told_and_nothing_is_looked_for(slack, sender, to, error_class, code):
    outcome = sender.deliver(message_to(to))

    assert (outcome.kind, outcome.failure.error_class, outcome.failure.code) == (OutcomeKind.FAILED, error_class, code)
    row = sender.row(message_to(to))
    assert (row.state, row.code, row.posted_from) == (DeliveryState.FAILED, code, None)
    assert slack.calls(HISTORY) == []


def test_a_channel_that_the_app_was_invited_to_since_gets_the_message(slack, sender):
    assert sender.deliver(message_to("C3")).told == "Not sent: the app is not in the channel: /invite it there."
    slack.change_channel(Channel("C3", "elsewhere", members=frozenset({BOT})))

    assert sender.deliver(message_to("C3")).kind is OutcomeKind.SENT


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "token_expired"])
def test_a_token_that_is_no_longer_good_is_told_with_what_to_do(slack, sender, code):
    slack.revoke_tokens(code)
    outcome = sender.deliver(message_to())

    assert (outcome.failure.error_class, outcome.failure.code) == (ErrorClass.WORKSPACE_GONE, code)
    assert "SLACK_BOT_TOKEN" in outcome.told


def test_a_missing_scope_is_named(tmp_path):
    with SlackEmulator(replace(ACME, scopes=SCOPES - {"im:write"}), rate_limits=False) as slack:
        sender = Sender(slack, tmp_path)
        outcome = sender.deliver(message_to("U1"))
        sender.state.close()

    assert outcome.failure.error_class is ErrorClass.WORKSPACE_GONE
    assert outcome.told == "Not sent: the app lacks im:write: add it to the app's scopes and install the app again."


def test_opening_a_direct_message_is_simply_repeated(slack, sender):
    slack.fault(OPEN, Fault.DROP_AFTER)
    slack.fault(OPEN, Fault.RATE_LIMITED, retry_after=5)

    assert sender.deliver(message_to("U1")).kind is OutcomeKind.SENT
    assert len(slack.direct_messages("U1")) == 1


def test_a_proxy_in_between_is_told(slack, sender):
    slack.fault(POST, Fault.HTML, status=403)
    outcome = sender.deliver(message_to())

    assert outcome.told == (
        "Not sent: something answered for Slack with HTTP 403: check [slack] api_url and the proxy."
    )


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])
def test_a_workspace_that_refuses_the_blocks_gets_the_text(slack, sender, caplog, code):
    slack.fault(POST, Fault.ERROR, error=code)
    outcome = sender.deliver(message_to())

    (said,) = slack.messages("C1")
    assert (outcome.kind, said.blocks, said.text) == (OutcomeKind.SENT, (), "Win rate 63 %")
    assert "Slack refused its blocks, sent as text alone" in caplog.text


def test_blocks_that_slack_would_refuse_are_not_tried(slack, sender, caplog):
    wrong = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}]
    outcome = sender.deliver(message_to(blocks=wrong))

    (said,) = slack.messages("C1")
    assert (outcome.kind, said.blocks, len(slack.calls(POST))) == (OutcomeKind.SENT, (), 1)
    assert "its blocks would be refused" in caplog.text


def test_another_refusal_of_ours_is_told_as_a_defect(slack, sender):
    slack.fault(POST, Fault.ERROR, error="no_text")
    outcome = sender.deliver(message_to())

    assert outcome.failure.error_class is ErrorClass.OURS
    assert outcome.told == "Not sent: Slack refused the message with no_text: this is a defect, please report it."
    assert len(slack.calls(POST)) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TRUNCATED, Fault.HTML, Fault.SERVER_ERROR])
def test_logs_and_what_is_told_hold_no_token_and_nothing_of_the_message(slack, sender, caplog, capfd, fault):
    caplog.set_level(logging.DEBUG)
    slack.fault(POST, fault)
    outcome = sender.deliver(message_to())

    logged = caplog.text + outcome.told + "".join(capfd.readouterr())
    assert "delivery T0SCORELINE/weekly/2026-W46/channel:C1/main/1: sent" in logged
    assert slack.bot_token not in logged
    assert "63 %" not in logged


def test_a_live_claim_of_somebody_else_is_left_alone(slack, sender):
    sender.ledger().claim(message_to().key, again=False)
    outcome = sender.deliver(message_to())

    assert outcome.kind is OutcomeKind.IN_PROGRESS
    assert outcome.told.startswith("Being sent by test at the moment; if that has died, try again after 20")
    assert slack.calls() == []


def test_a_claim_whose_holder_died_before_the_post_is_sent_without_a_look(slack, sender):
    sender.ledger().claim(message_to().key, again=False)
    sender.clock.ahead += PATIENCE.lease

    assert sender.deliver(message_to()).kind is OutcomeKind.SENT
    assert slack.calls(HISTORY) == []


def test_a_claim_whose_holder_died_after_the_post_began_is_looked_for_first(slack, sender):
    ledger, message = sender.ledger(), message_to()
    ledger.begin_post(ledger.claim(message.key, again=False).delivery, "C1", None)
    sender.clock.ahead += PATIENCE.lease

    assert sender.deliver(message).kind is OutcomeKind.SENT
    assert len(slack.calls(HISTORY)) == 2
    assert len(slack.messages("C1")) == 1


def test_again_after_a_death_settles_the_old_message_and_sends_one_more(slack, sender):
    ledger, message = sender.ledger(), message_to()
    begun = ledger.begin_post(ledger.claim(message.key, again=False).delivery, "C1", None)
    sender.client.chat_postMessage(channel="C1", text=message.text, metadata=metadata_of(begun.name))
    sender.clock.ahead += PATIENCE.lease

    assert sender.deliver(message, again=True).delivery.revision == 2
    assert len(slack.messages("C1")) == 2


def test_who_loses_the_claim_while_waiting_sends_nothing_more(slack, sender):
    slack.fault(POST, Fault.RATE_LIMITED, retry_after=30)
    message = message_to()

    def sleep(_seconds):  # far longer than asked for: meanwhile somebody else takes over and sends
        sender.clock.ahead += timedelta(hours=1)
        assert sender.deliver(message, claimant="other").kind is OutcomeKind.SENT

    assert sender.deliver(message, sleep=sleep).kind is OutcomeKind.ALREADY_SENT
    assert len(slack.messages("C1")) == 1


def test_ten_threads_deliver_one_message(slack, sender):
    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(lambda n: sender.deliver(message_to(), claimant=f"{n}").kind, range(10)))

    assert outcomes.count(OutcomeKind.SENT) == 1
    assert set(outcomes) <= {OutcomeKind.SENT, OutcomeKind.IN_PROGRESS, OutcomeKind.ALREADY_SENT}
    assert len(slack.messages("C1")) == 1


class Child:
    """A process that is ready to deliver."""

    def __init__(self, sender: Sender, message: OutgoingMessage) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([deliver_and_tell.__module__])
        self.pipe, theirs = context.Pipe()
        slack = sender.slack
        arguments = (sender.base, slack.api_url, slack.bot_token, message, theirs)
        self.process = context.Process(target=deliver_and_tell, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        assert self.pipe.poll(30)
        assert self.pipe.recv() == "ready"

    def go(self) -> None:
        self.pipe.send("go")

    def told(self) -> OutcomeKind:
        assert self.pipe.poll(30)
        kind: OutcomeKind = self.pipe.recv()
        self.end()
        return kind

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> None:
        self.process.join(30)
        self.process.close()
        self.pipe.close()


def test_processes_deliver_one_message(slack, sender):
    children = [Child(sender, message_to()) for _ in range(3)]
    for child in children:
        child.go()
    outcomes = [child.told() for child in children]

    assert outcomes.count(OutcomeKind.SENT) == 1
    assert len(slack.messages("C1")) == 1


def test_a_kill_at_any_moment_leaves_one_message_in_the_end(slack, sender):
    moments = random.Random(46)  # noqa: S311 - moments, no secret
    left = set()
    for number in range(16):
        message = message_to(period=f"kill-{number}")
        slack.fault(POST, Fault.SLOW, seconds=0.03)
        child = Child(sender, message)
        child.go()
        time.sleep(moments.uniform(0, 0.08))
        child.kill()
        slack.clear_faults()
        row = sender.row(message)
        left.add((row.state, row.posted_from is not None) if row else None)
        sender.clock.ahead += timedelta(minutes=5)

        outcome = sender.deliver(message)

        assert outcome.kind in {OutcomeKind.SENT, OutcomeKind.ALREADY_SENT}
        names = [said.metadata["event_payload"]["delivery"] for said in slack.messages("C1")]
        assert names.count(outcome.delivery.name) == 1
    assert (DeliveryState.CLAIMED, True) in left, f"no child was killed in the middle of a post: {left}"


post_faults = st.sampled_from(
    [
        (Fault.DROP_BEFORE, {}),
        (Fault.DROP_AFTER, {}),
        (Fault.TRUNCATED, {}),
        (Fault.RATE_LIMITED, {"retry_after": 50}),
        (Fault.SERVER_ERROR, {}),
        (Fault.SERVER_ERROR, {"accepted": True}),
        (Fault.HTML, {}),
        (Fault.HTML, {"accepted": True}),
        (Fault.ERROR, {"error": "fatal_error", "accepted": True}),
        (Fault.ERROR, {"error": "invalid_blocks"}),
        (Fault.ERROR, {"error": "token_expired"}),
    ]
)
history_faults = st.sampled_from(
    [
        (Fault.DROP_BEFORE, {}),
        (Fault.SERVER_ERROR, {}),
        (Fault.TRUNCATED, {}),
        (Fault.RATE_LIMITED, {"retry_after": 50}),
        (Fault.ERROR, {"error": "missing_scope"}),
    ]
)
rounds = st.lists(
    st.tuples(st.lists(post_faults, max_size=5), st.lists(history_faults, max_size=5), st.floats(0, 400)),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    with SlackEmulator(ACME, rate_limits=False) as slack:
        sender = Sender(slack, tmp_path_factory.mktemp("steady"))
        yield sender
        sender.state.close()


@settings(max_examples=60)
@given(rounds=rounds)
def test_no_sequence_of_faults_leads_to_two_messages(steady, rounds):
    slack, message = steady.slack, message_to(period=os.urandom(8).hex())
    for post, history, passing in rounds:
        for fault, options in post:
            slack.fault(POST, fault, **options)
        for fault, options in history:
            slack.fault(HISTORY, fault, **options)
        outcome = steady.deliver(message)
        slack.clear_faults()
        steady.clock.ahead += timedelta(seconds=passing)
        said = [each for each in slack.messages("C1") if each.metadata == metadata_of(outcome.delivery.name)]
        assert len(said) <= 1
        if outcome.kind in {OutcomeKind.SENT, OutcomeKind.ALREADY_SENT}:
            assert [each.ts for each in said] == [outcome.delivery.ts]
        if outcome.kind is OutcomeKind.FAILED:
            assert said == []
    final = steady.deliver(message)
    if final.delivery.state is not DeliveryState.UNKNOWN:
        assert final.kind in {OutcomeKind.SENT, OutcomeKind.ALREADY_SENT}
