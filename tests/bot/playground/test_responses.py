"""Answers through a response_url."""

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.playground.emulator import SlackEmulator
from bot.playground.interactions import Interaction
from tests.bot.playground.conftest import Clock, refusal

BUTTON = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "share", "value": "v1", "text": {"type": "plain_text", "text": "Share"}}
    ],
}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Target"}, "blocks": [{"type": "divider"}]}


def respond(interaction: Interaction, **body) -> tuple[int, str]:
    answer = WebhookClient(interaction.payload["response_url"], retry_handlers=[]).send_dict(body)
    return answer.status_code, answer.body


def test_an_answer_is_seen_by_the_asker_alone_unless_it_says_otherwise(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi", "winrate")
    assert respond(interaction, text="31 %") == (200, "ok")
    respond(interaction, text="for all", response_type="in_channel")
    assert [message.text for message in slack.ephemerals("U1")] == ["31 %"]
    assert [message.text for message in slack.messages("C1")] == ["for all"]
    assert [message.text for message in interaction.answers] == ["31 %", "for all"]


def test_an_answer_reaches_where_the_bot_is_not(slack: SlackEmulator):
    interaction = slack.command("U1", "CSECRET", "/kpi")
    respond(interaction, text="here", response_type="in_channel")
    assert [message.text for message in slack.messages("CSECRET")] == ["here"]


def test_a_response_url_is_good_five_times(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    answers = [respond(interaction, text=str(number)) for number in range(6)]
    assert answers[4] == (200, "ok")
    assert answers[5] == (404, '{"ok": false, "error": "used_url"}')
    assert len(slack.ephemerals("U1")) == 5


def test_a_response_url_is_good_for_half_an_hour(slack: SlackEmulator, clock: Clock):
    interaction = slack.command("U1", "C1", "/kpi")
    clock.now += 30 * 60
    assert respond(interaction, text="just in time")[0] == 200
    clock.now += 1
    assert respond(interaction, text="late") == (404, '{"ok": false, "error": "expired_url"}')


def test_a_bad_answer_is_refused_and_costs_no_use(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    for _ in range(6):
        assert respond(interaction, blocks=[{"type": "chart"}])[0] == 400
    assert respond(interaction, text="good")[0] == 200


def test_an_unknown_response_url_is_refused(slack: SlackEmulator):
    url = slack.api_url.replace("/api/", "/response/none")
    assert WebhookClient(url).send(text="hi").status_code == 404


def test_a_click_tells_what_was_clicked_and_where(slack: SlackEmulator, client: WebClient):
    client.chat_postMessage(channel="C1", text="winrate", blocks=[BUTTON])
    (message,) = slack.messages("C1")
    payload = slack.click("U2", message, "share").payload
    assert payload["actions"][0]["value"] == "v1"
    assert payload["actions"][0]["block_id"] == message.blocks[0]["block_id"]
    assert (payload["user"]["id"], payload["channel"]["id"]) == ("U2", "C1")
    assert payload["message"]["ts"] == message.ts


def test_a_click_on_a_hidden_message_does_not_bring_the_message_along(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    respond(interaction, text="winrate", blocks=[BUTTON])
    payload = slack.click("U1", interaction.answers[0], "share").payload
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


def test_nobody_clicks_what_they_do_not_see(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    respond(interaction, text="winrate", blocks=[BUTTON])
    with pytest.raises(KeyError, match="U2 sees no message"):
        slack.click("U2", interaction.answers[0], "share")
    with pytest.raises(KeyError, match="no element"):
        slack.click("U1", interaction.answers[0], "hide")


@pytest.mark.parametrize(
    ("body", "left", "new"),
    [
        ({"text": "shared", "replace_original": True}, ["shared"], []),
        ({"text": "shared"}, ["shared"], []),
        ({"text": "shared", "replace_original": False}, ["winrate", "shared"], []),
        ({"text": "shared", "response_type": "in_channel"}, ["winrate"], ["shared"]),
        ({"delete_original": True}, [], []),
        ({"delete_original": True, "text": "shared", "response_type": "in_channel"}, [], ["shared"]),
    ],
)
def test_a_clicks_answer_replaces_joins_or_deletes(slack: SlackEmulator, body: dict, left: list[str], new: list[str]):
    interaction = slack.command("U1", "C1", "/kpi")
    respond(interaction, text="winrate", blocks=[BUTTON])
    respond(slack.click("U1", interaction.answers[0], "share"), **body)
    assert [message.text for message in slack.ephemerals("U1")] == left
    assert [message.text for message in slack.messages("C1")] == new


def test_a_trigger_opens_one_modal_within_three_seconds(slack: SlackEmulator, client: WebClient, clock: Clock):
    trigger = slack.command("U1", "C1", "/kpi").payload["trigger_id"]
    late = slack.command("U1", "C1", "/kpi").payload["trigger_id"]
    assert client.views_open(trigger_id=trigger, view=MODAL)["view"]["id"]
    assert refusal(client.views_open, trigger_id=trigger, view=MODAL)["error"] == "exchanged_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2", view=MODAL)["error"] == "invalid_trigger_id"
    clock.now += 3.1
    assert refusal(client.views_open, trigger_id=late, view=MODAL)["error"] == "expired_trigger_id"
    assert [view["title"]["text"] for view in slack.opened_views()] == ["Target"]
