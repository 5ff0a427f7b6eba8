"""What goes wrong on demand, as the real SDK meets it."""

import time
import urllib.error

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from tests.bot.playground.conftest import refusal


def post(client: WebClient):
    return client.chat_postMessage(channel="C1", text="hi")


def test_a_connection_dropped_before_leaves_nothing(slack: SlackEmulator, client: WebClient):
    slack.fault("chat.postMessage", Fault.DROP_BEFORE)
    with pytest.raises(ConnectionError):
        post(client)
    assert slack.messages("C1") == []
    assert post(client)["ok"]


def test_a_connection_dropped_after_leaves_the_message(slack: SlackEmulator, client: WebClient):
    slack.fault("chat.postMessage", Fault.DROP_AFTER)
    with pytest.raises(ConnectionError):
        post(client)
    assert len(slack.messages("C1")) == 1


def test_the_sdks_own_retry_posts_twice_when_the_connection_drops(slack: SlackEmulator):
    slack.fault("chat.postMessage", Fault.DROP_AFTER)
    post(WebClient(token=slack.bot_token, base_url=slack.api_url))
    assert len(slack.messages("C1")) == 2


def test_a_rate_limit_says_how_long_to_wait(slack: SlackEmulator, client: WebClient):
    slack.fault("chat.postMessage", Fault.RATE_LIMITED, retry_after=7)
    answer = refusal(post, client=client)
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "7")
    assert slack.messages("C1") == []


@pytest.mark.parametrize(
    ("fault", "options", "status", "posted"),
    [
        (Fault.SERVER_ERROR, {}, 500, 0),
        (Fault.SERVER_ERROR, {"status": 503, "accepted": True}, 503, 1),
        (Fault.HTML, {}, 200, 0),
        (Fault.HTML, {"status": 502}, 502, 0),
        (Fault.TRUNCATED, {}, 200, 1),
        (Fault.ERROR, {"error": "fatal_error", "accepted": True}, 200, 1),
        (Fault.ERROR, {"error": "restricted_action"}, 200, 0),
    ],
)
def test_a_spoilt_answer_comes_with_or_without_the_message(
    slack: SlackEmulator, client: WebClient, fault: Fault, options: dict, status: int, posted: int
):
    slack.fault("chat.postMessage", fault, **options)
    # The SDK itself stumbles over JSON that breaks off or is none, each time in its own way.
    with pytest.raises((SlackApiError, ValueError, AttributeError)) as met:
        post(client)
    if isinstance(met.value, SlackApiError):
        assert met.value.response.status_code == status
    assert len(slack.messages("C1")) == posted
    assert [call.fault for call in slack.calls("chat.postMessage")] == [fault]


def test_a_slow_answer_comes_too_late_but_the_message_is_there(slack: SlackEmulator):
    hasty = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=1)
    slack.fault("chat.postMessage", Fault.SLOW, seconds=1.5)
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        post(hasty)
    assert len(slack.messages("C1")) == 1


def test_a_fault_happens_as_often_as_asked_and_can_be_taken_back(slack: SlackEmulator, client: WebClient):
    slack.fault("auth.test", Fault.ERROR, times=2, error="internal_error")
    assert refusal(client.auth_test)["error"] == "internal_error"
    slack.clear_faults()
    assert client.auth_test()["ok"]


def test_an_option_that_a_fault_has_not_is_refused(slack: SlackEmulator):
    with pytest.raises(ValueError, match="SLOW has no option minutes"):
        slack.fault("auth.test", Fault.SLOW, minutes=1)


def test_response_urls_have_faults_too(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    webhook = WebhookClient(interaction.payload["response_url"], retry_handlers=[])
    slack.fault("response_url", Fault.SERVER_ERROR)
    slack.fault("response_url", Fault.DROP_AFTER)
    assert webhook.send(text="one").status_code == 500
    with pytest.raises(ConnectionError):
        webhook.send(text="two")
    assert [message.text for message in interaction.answers] == ["two"]


def test_stopping_does_not_wait_for_slow_answers(workspace, clock):
    slack = SlackEmulator(workspace, clock=clock)
    slack.start()
    slack.fault("auth.test", Fault.SLOW, seconds=60)
    client = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=1)
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        client.auth_test()
    began = time.monotonic()
    slack.stop()
    assert time.monotonic() - began < 5
