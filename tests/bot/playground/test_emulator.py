"""Starting, stopping, and leaving nothing behind."""

import socket
import threading

import pytest
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Workspace
from tests.bot.playground.conftest import client_of


def test_it_leaves_no_thread_and_no_port_behind(workspace: Workspace):
    before = threading.active_count()
    with SlackEmulator(workspace) as slack:
        assert client_of(slack).api_test()["ok"]
        port = int(slack.api_url.split(":")[2].split("/")[0])
    assert threading.active_count() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_can_be_started_on_a_port_of_choice_and_again(workspace: Workspace):
    slack = SlackEmulator(workspace)
    slack.start()
    url = slack.api_url
    slack.stop()
    slack.stop()
    slack.start()
    try:
        assert slack.api_url == url
        assert client_of(slack).auth_test()["ok"]
    finally:
        slack.stop()


def test_a_taken_port_is_an_error_at_once(slack: SlackEmulator, workspace: Workspace):
    port = int(slack.api_url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="in use"):
        SlackEmulator(workspace, port=port).start()


def test_what_is_not_running_says_so(workspace: Workspace):
    with pytest.raises(RuntimeError, match="start it first"):
        SlackEmulator(workspace).messages("C1")


def test_two_workspaces_know_nothing_of_each_other(workspace: Workspace, slack: SlackEmulator, client: WebClient):
    with SlackEmulator(workspace) as other:
        client.chat_postMessage(channel="C1", text="hi")
        assert other.messages("C1") == []
        assert len(slack.messages("C1")) == 1


def test_messages_can_be_waited_for(slack: SlackEmulator, client: WebClient):
    later = threading.Timer(0.1, lambda: client.chat_postMessage(channel="C1", text="hi"))
    later.start()
    assert [message.text for message in slack.wait_for_messages("C1")] == ["hi"]
    later.join()
    assert len(slack.wait_for_messages("C1", count=2, timeout=0.05)) == 1
