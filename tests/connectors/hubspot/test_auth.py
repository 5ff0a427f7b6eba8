"""Tokens: where they come from, when they are renewed, and what is kept of them."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.state.vault import StateVault
from connectors.base import SourceError, Surroundings
from connectors.hubspot.auth import OAuthApp, OAuthTokens, PrivateAppToken, open_tokens
from connectors.hubspot.client import HubspotClient, SignInError, UnreachableError
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.paths import Paths
from connectors.hubspot.transport import Transport
from connectors.limiter import Limiter
from connectors.mapping import SourceSettings
from tests.connectors.hubspot.emulator.served import Clock, served, small_account
from tests.connectors.hubspot.raw_server import http_answer, raw_server
from tests.connectors.hubspot.time_by_hand import HandTime

OWNERS = Paths().owners()
NAME = "crm: refresh token"


class KeptInMemory:
    """A vault that forgets when it goes."""

    def __init__(self):
        self.kept, self.written = {}, []

    def read(self, name):
        return self.kept.get(name)

    def write(self, name, secret):
        self.kept[name] = secret
        self.written.append(secret)


class LockedVault(KeptInMemory):
    def write(self, name, secret):  # noqa: ARG002 (the protocol's)
        raise SourceError("there is no key")


class Desk:
    """An emulated account, and what is needed to sign in to it."""

    def __init__(self, emulator, clock):
        self.emulator, self.clock, self.time = emulator, clock, HandTime()
        self.vault = KeptInMemory()
        self.transports = []
        self.first = emulator.tokens.refresh_token

    def tokens(self, refresh_token=None, *, vault=None, client_secret=None):
        app = self.emulator.tokens.app
        self.transports.append(Transport(self.emulator.api_url))
        return OAuthTokens(
            OAuthApp(app.client_id, client_secret or app.client_secret, refresh_token or self.first),
            vault or self.vault,
            NAME,
            transport=self.transports[-1],
            paths=Paths(),
            timing=self.time.timing,
        )

    def pass_minutes(self, minutes):
        self.clock.move(minutes=minutes)
        self.time.now += minutes * 60

    @property
    def renewals(self):
        return sum(each.path == Paths().token() for each in self.emulator.log)


@pytest.fixture
def desk_of():
    desks, stack = [], []

    def open_desk(**options):
        clock = Clock()
        context = served(small_account(clock), **options)
        emulator, _ = context.__enter__()
        stack.append(context)
        desks.append(Desk(emulator, clock))
        return desks[-1]

    yield open_desk
    for desk in desks:
        for each in desk.transports:
            each.close()
    for context in stack:
        context.__exit__(None, None, None)


def test_one_token_serves_until_shortly_before_it_ends(desk_of):
    desk = desk_of()
    tokens = desk.tokens()
    first = tokens.current()
    desk.pass_minutes(24)
    assert tokens.current() == first
    desk.pass_minutes(2)
    assert tokens.current() != first
    assert desk.renewals == 2
    assert desk.vault.written == [], "what has not changed needs no keeping, and so no key"


def test_all_threads_wait_for_one_renewal(desk_of):
    desk = desk_of(rotates=True)
    tokens = desk.tokens()
    barrier = threading.Barrier(8)

    def ask(_):
        barrier.wait(10)
        return tokens.current()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert desk.renewals == 1
    rejected = tokens.current()

    def renew(_):
        barrier.wait(10)
        return tokens.renew(rejected)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(renew, range(8))) - {rejected}) == 1
    assert desk.renewals == 2


def test_a_client_goes_on_when_a_token_ends_early(desk_of):
    desk = desk_of()
    client = HubspotClient(desk.emulator.api_url, desk.tokens(), Limiter(), paths=Paths())
    client.get(OWNERS)
    desk.emulator.tokens.expire()
    assert client.get(OWNERS).status == 200
    assert desk.renewals == 2
    client.close()


def test_a_revoked_app_is_told_and_not_asked_for_ever(desk_of):
    desk = desk_of()
    client = HubspotClient(desk.emulator.api_url, desk.tokens(), Limiter(), paths=Paths())
    client.get(OWNERS)
    desk.emulator.tokens.revoke()
    with pytest.raises(SignInError, match="HUBSPOT_REFRESH_TOKEN"):
        client.get(OWNERS)
    assert desk.renewals == 2
    client.close()


def test_another_refresh_token_is_kept_before_it_is_used(desk_of):
    desk = desk_of(rotates=True)
    tokens = desk.tokens()
    for _ in range(3):
        tokens.renew(tokens.current())
    assert len(set(desk.vault.written)) == 4
    assert desk.vault.written[-1] == desk.emulator.tokens.refresh_token


def test_where_it_cannot_be_kept_nothing_else_is_done_with_it(desk_of):
    desk = desk_of(rotates=True)
    with pytest.raises(SourceError, match="no key"):
        desk.tokens(vault=LockedVault()).current()


def test_what_was_kept_goes_before_the_environment(desk_of):
    desk = desk_of(rotates=True)
    desk.tokens().current()
    assert desk.tokens().current()
    assert desk.renewals == 2


def test_an_environment_that_has_changed_goes_before_what_was_kept(desk_of):
    desk = desk_of(rotates=True)
    desk.tokens().current()
    desk.emulator.tokens.refresh_token = "na1-connected-again"
    assert desk.tokens("na1-connected-again").current()
    assert desk.renewals == 2
    assert len(desk.vault.kept) == 2


def test_a_new_token_in_the_environment_helps_where_the_key_of_what_was_kept_is_lost(desk_of, tmp_path):
    def vault(key):
        secrets = {"SCORELINE_SECRET_KEY": key}
        return StateVault("sqlite:///state.db", tmp_path, secrets.get, lambda: datetime.now(UTC))

    desk = desk_of(rotates=True)
    desk.tokens(vault=vault("a-key-that-will-be-lost")).current()
    present = vault("the-key-that-came-instead")
    with pytest.raises(SourceError, match="connect the app to the account again"):
        desk.tokens(vault=present).current()

    desk.emulator.tokens.refresh_token = "na1-connected-again"

    assert desk.tokens("na1-connected-again", vault=present).current()
    assert desk.tokens("na1-connected-again", vault=present).current()


@pytest.mark.parametrize("damage", ["", "two\nlines", "two words"])
def test_a_damaged_note_is_as_none(desk_of, damage):
    desk = desk_of(rotates=True)
    desk.tokens().current()
    desk.vault.kept = dict.fromkeys(desk.vault.kept, damage)
    desk.emulator.tokens.refresh_token = desk.first
    assert desk.tokens().current()


def test_of_two_processes_the_second_takes_what_the_first_was_given(desk_of):
    desk = desk_of(rotates=True)
    first, second = desk.tokens(), desk.tokens()
    rejected = second.current()
    first.renew(first.current())
    assert second.renew(rejected)
    assert desk.vault.written[-1] == desk.emulator.tokens.refresh_token


def test_a_wrong_secret_is_told_without_it(desk_of):
    desk = desk_of()
    with pytest.raises(SignInError, match="HUBSPOT_CLIENT_SECRET") as told:
        desk.tokens(client_secret="hunter2").current()
    assert "hunter2" not in str(told.value)
    assert desk.renewals == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.RESET_IN_BODY, Fault.TRUNCATED, Fault.PAGE, Fault.EMPTY])
def test_a_fault_on_the_way_is_tried_again(desk_of, fault):
    desk = desk_of(faults=Faults.at(1, fault))
    assert desk.tokens().current()
    assert desk.renewals == 2
    assert desk.time.slept == [0.5]


def test_a_server_that_gives_no_token_is_given_up(desk_of):
    desk = desk_of(faults=Faults.every(1, Fault.PAGE))
    with pytest.raises(UnreachableError, match="status 502"):
        desk.tokens().current()
    assert desk.renewals == 8


@pytest.mark.parametrize("token", [None, 3, "", "two lines\r\nX: y", "ü"])
def test_what_could_not_stand_in_a_header_is_no_token(token):
    body = json.dumps({"access_token": token}).encode()
    time = HandTime()
    with raw_server(lambda _: [http_answer(body)]) as server:
        sender = Transport(server.url)
        tokens = OAuthTokens(
            OAuthApp("i", "s", "r"), KeptInMemory(), NAME, transport=sender, paths=Paths(), timing=time.timing
        )
        with pytest.raises(UnreachableError, match="without a token"):
            tokens.current()
        sender.close()


@pytest.mark.parametrize("life", [None, "soon", -5, True, 1800])
def test_a_life_that_cannot_be_meant_is_half_an_hour(life):
    body = json.dumps({"access_token": "a", "expires_in": life}).encode()
    time = HandTime()
    with raw_server(lambda _: [http_answer(body)]) as server:
        sender = Transport(server.url)
        tokens = OAuthTokens(
            OAuthApp("i", "s", "r"), KeptInMemory(), NAME, transport=sender, paths=Paths(), timing=time.timing
        )
        tokens.current()
        time.now += 1400
        tokens.current()
        sender.close()
    assert len(server.seen) == 1
    assert server.seen[0][-1] == "grant_type=refresh_token&client_id=i&client_secret=s&refresh_token=r"


def surroundings(**secrets):
    return Surroundings("UTC", "USD", None, secrets.get, KeptInMemory(), lambda: datetime.now(UTC))


def opened(prefix="HUBSPOT", **secrets):
    settings = SourceSettings("crm", "hubspot", env_prefix=prefix, api_url="https://api.hubapi.com")
    return open_tokens(settings, surroundings(**secrets), Paths())


def test_a_private_apps_token_is_taken_from_the_environment():
    tokens = opened(HUBSPOT_ACCESS_TOKEN="pat-1", HUBSPOT_CLIENT_ID="x")
    assert tokens.current() == "pat-1"
    assert tokens.renew("pat-1") is None
    assert opened("EMEA", EMEA_ACCESS_TOKEN="pat-2", HUBSPOT_ACCESS_TOKEN="pat-1").current() == "pat-2"


def test_an_oauth_apps_three_values_are_taken_from_the_environment():
    assert isinstance(opened(HUBSPOT_CLIENT_ID="i", HUBSPOT_CLIENT_SECRET="s", HUBSPOT_REFRESH_TOKEN="r"), OAuthTokens)


def test_what_is_missing_is_named():
    with pytest.raises(SignInError, match=r"EMEA_ACCESS_TOKEN.*EMEA_CLIENT_ID, EMEA_CLIENT_SECRET, EMEA_REFRESH_TOKEN"):
        opened("EMEA")
    with pytest.raises(SignInError, match=r"set HUBSPOT_CLIENT_SECRET, HUBSPOT_REFRESH_TOKEN as well"):
        opened(HUBSPOT_CLIENT_ID="i")


@pytest.mark.parametrize("token", ["pat 1", "pat\n1", "pät"])
def test_a_token_that_was_copied_wrongly_is_told_without_it(token):
    with pytest.raises(SignInError, match="HUBSPOT_ACCESS_TOKEN holds") as told:
        opened(HUBSPOT_ACCESS_TOKEN=token)
    assert token not in str(told.value)


def test_nothing_that_is_shown_or_logged_holds_a_secret(desk_of, caplog):
    caplog.set_level(logging.DEBUG)
    desk = desk_of(rotates=True, faults=Faults.at(1, Fault.RESET) | Faults.at(3, Fault.ERROR, status=400))
    app = desk.emulator.tokens.app
    tokens = desk.tokens()
    given = tokens.current()
    with pytest.raises(SignInError) as told:
        tokens.renew(given)
    secrets = (given, desk.first, app.client_secret, *desk.vault.written)
    app = OAuthApp("i", "hunter2", "hunter3")
    shown = (caplog.text, str(told.value), repr(told.value), repr(tokens), repr(app), repr(PrivateAppToken("hunter4")))
    assert not any(secret in text for secret in (*secrets, "hunter") for text in shown)
