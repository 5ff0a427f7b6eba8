"""How much is taken, and what is told of it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.limits import Limits, Meter, Policy, RetryAfter, Verdict
from connectors.hubspot.emulator.side import ROUTES
from tests.connectors.hubspot.emulator.served import DETAILS, OWNERS, SEARCH, SEARCHING, Clock, served, small_account

RATE = "X-HubSpot-RateLimit-"


class Seconds:
    """Monotonic seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def meter(seconds: Seconds, clock: Clock | None = None, **limits: Any) -> Meter:
    return Meter(Limits(**limits), Account(clock=clock or Clock(), timezone="America/New_York"), seconds)


def ask(counting: Meter) -> Verdict:
    return counting.admit(is_oauth=False, is_search=False)


def search(counting: Meter) -> Verdict:
    return counting.admit(is_oauth=False, is_search=True)


def test_the_burst_rolls() -> None:
    seconds = Seconds()
    counting = meter(seconds, burst=3)
    for _ in range(3):
        assert ask(counting).refused is None
        seconds.now += 2
    assert ask(counting).refused is Policy.BURST
    seconds.now = 1010
    # The first has left the window, but the refused one has come into it.
    assert ask(counting).refused is Policy.BURST
    seconds.now = 1014
    assert ask(counting).refused is None


def test_a_refusal_tells_when_the_next_is_taken() -> None:
    seconds = Seconds()
    counting = meter(seconds, burst=2)
    ask(counting)
    seconds.now += 4.5
    ask(counting)
    refused = ask(counting)
    assert refused.retry_after == 10  # the first two have to leave, as the refused one counts
    seconds.now += refused.retry_after
    assert ask(counting).refused is None


def test_searches_have_a_limit_of_their_own() -> None:
    seconds = Seconds()
    counting = meter(seconds, burst=2, search=5)
    assert [search(counting).refused for _ in range(6)] == [None] * 5 + [Policy.SEARCH]
    assert [ask(counting).refused for _ in range(2)] == [None, None]
    seconds.now += 1
    assert search(counting).refused is None


def test_an_oauth_app_has_a_smaller_burst_and_no_day() -> None:
    counting = meter(Seconds(), burst=5, oauth_burst=2, daily=1)
    verdicts = [counting.admit(is_oauth=True, is_search=False) for _ in range(3)]
    assert [each.refused for each in verdicts] == [None, None, Policy.BURST]
    assert verdicts[0].headers[f"{RATE}Max"] == "2"
    assert not any("Daily" in name for name in verdicts[0].headers)


def test_the_day_ends_at_the_accounts_midnight() -> None:
    clock, seconds = Clock(), Seconds()
    clock.now = datetime(2026, 11, 23, 23, 59, tzinfo=ZoneInfo("America/New_York"))
    counting = meter(seconds, clock, daily=2)
    assert [ask(counting).refused for _ in range(3)] == [None, None, Policy.DAILY]
    refused = ask(counting)
    assert (refused.refused, refused.retry_after) == (Policy.DAILY, 60)
    clock.move(seconds=59)
    assert ask(counting).refused is Policy.DAILY
    clock.move(seconds=1)
    assert ask(counting).refused is None


def test_a_day_on_which_the_clocks_go_back_has_25_hours() -> None:
    clock = Clock()
    clock.now = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight in New York
    use = meter(Seconds(), clock).daily_use()
    assert use.resets_at == datetime(2026, 11, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (RetryAfter.ALWAYS, [True, True, True, True]),
        (RetryAfter.SOMETIMES, [False, True, False, True]),
        (RetryAfter.NEVER, [False, False, False, False]),
    ],
)
def test_retry_after_may_be_missing(wanted: RetryAfter, told: list[bool]) -> None:
    counting = meter(Seconds(), burst=0, retry_after=wanted)
    assert [ask(counting).retry_after is not None for _ in range(4)] == told


def test_other_apps_use_what_is_the_accounts() -> None:
    counting = meter(Seconds(), burst=10, daily=100, search=5)
    counting.consume(Policy.BURST, 9)
    assert [ask(counting).refused for _ in range(2)] == [None, Policy.BURST]
    counting.consume(Policy.SEARCH, 5)
    assert search(counting).refused is Policy.SEARCH
    counting.consume(Policy.DAILY, 98)
    assert ask(counting).refused is Policy.DAILY


def test_answers_tell_of_the_limits() -> None:
    with served(limits=Limits(burst=100, daily=1000)) as (emulator, asker):
        emulator.consume(Policy.DAILY, 10)
        emulator.consume(Policy.BURST, 20)
        headers = asker.get(DETAILS).headers
    assert {name: value for name, value in headers.items() if name.startswith(RATE)} == {
        f"{RATE}Daily": "1000",
        f"{RATE}Daily-Remaining": "989",
        f"{RATE}Interval-Milliseconds": "10000",
        f"{RATE}Max": "100",
        f"{RATE}Remaining": "79",
        f"{RATE}Secondly": "10",
        f"{RATE}Secondly-Remaining": "0",
    }


def test_answers_of_searches_tell_nothing_of_the_limits() -> None:
    with served(routes=(SEARCHING,)) as (_, asker):
        assert not any(name.startswith(RATE) for name in asker.post(SEARCH).headers)


@pytest.mark.parametrize(
    ("policy", "limits", "message"),
    [
        (Policy.BURST, Limits(burst=0), "You have reached your ten_secondly_rolling limit."),
        (Policy.DAILY, Limits(daily=0), "You have reached your daily limit."),
        (Policy.SEARCH, Limits(search=0), "You have reached your secondly limit."),
    ],
)
def test_a_refusal_names_its_policy(policy: Policy, limits: Limits, message: str) -> None:
    with served(limits=limits, routes=(*ROUTES, SEARCHING)) as (emulator, asker):
        answer = asker.post(SEARCH) if policy is Policy.SEARCH else asker.get(OWNERS)
        body = answer.json()
        assert (answer.status, body["policyName"], body["message"]) == (429, policy.value, message)
        assert (body["status"], body["errorType"]) == ("error", "RATE_LIMIT")
        assert int(answer.headers["Retry-After"]) >= 1
        assert [each.policy for each in emulator.log] == [policy.value]


def test_a_refusal_may_name_no_policy() -> None:
    with served(limits=Limits(search=0, names_policies=False), routes=(SEARCHING,)) as (emulator, asker):
        body = asker.post(SEARCH).json()
        assert body | {"correlationId": ""} == {
            "status": "error",
            "message": "You have reached your secondly limit.",
            "correlationId": "",
            "category": "RATE_LIMITS",
        }
        assert [each.policy for each in emulator.log] == ["SECONDLY"]


def test_the_use_of_the_day_can_be_asked() -> None:
    with served(small_account(), limits=Limits(daily=500)) as (emulator, asker):
        emulator.consume(Policy.DAILY, 40)
        answer = asker.get("/account-info/2026-09/api-usage/daily/private-apps")
        older = asker.get("/account-info/v3/api-usage/daily/private-apps")
    assert answer.json() == {
        "results": [
            {
                "name": "private-apps-api-calls-daily",
                "usageLimit": 500,
                "currentUsage": 41,
                "collectedAt": "2026-11-23T17:00:00.987Z",
                "fetchStatus": "SUCCESS",
                "resetsAt": "2026-11-24T05:00:00.000Z",
            }
        ]
    }
    assert older.json()["results"][0]["currentUsage"] == 42
