"""Tokens that last and tokens that do not."""

import pytest

from connectors.hubspot.emulator.limits import Limits
from connectors.hubspot.emulator.server import HubspotEmulator
from tests.connectors.hubspot.emulator.served import OWNERS, Asker, Clock, served, small_account

TOKEN = "/oauth/2026-09/token"
INTROSPECTION = "/oauth/2026-09/token/introspect"
PRIVATE_APP = "/oauth/v2/private-apps/get/access-token-info"


def refresh(emulator: HubspotEmulator, asker: Asker, path: str = TOKEN, **changed: str) -> tuple[int, dict]:
    app = emulator.tokens.app
    fields = {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": emulator.tokens.refresh_token,
    }
    answer = asker.form(path, **(fields | changed))
    return answer.status, answer.json()


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/oauth/2026-09/token", "/oauth/v3/token", "/oauth/v1/token"])
def test_a_refresh_gives_a_token_that_opens_the_api(path: str) -> None:
    with served(scopes=("crm.objects.owners.read",)) as (emulator, asker):
        status, body = refresh(emulator, asker, path)
        assert (status, body["token_type"], body["expires_in"], body["hub_id"]) == (200, "bearer", 1800, 62515)
        assert body["scopes"] == ["crm.objects.owners.read", "oauth"]
        assert body["refresh_token"] == emulator.tokens.refresh_token
        assert len(body["access_token"]) > 300
        assert asker.get(OWNERS, headers=with_token(body["access_token"])).status == 200


def test_an_access_token_lives_half_an_hour() -> None:
    clock = Clock()
    with served(small_account(clock)) as (emulator, asker):
        _, body = refresh(emulator, asker)
        headers = with_token(body["access_token"])
        clock.move(minutes=29, seconds=59)
        assert asker.get(OWNERS, headers=headers).status == 200
        clock.move(seconds=76)
        answer = asker.get(OWNERS, headers=headers)
        assert (answer.status, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
        assert answer.json()["message"] == "The OAuth token used to make this call expired 75 second(s) ago."
        assert answer.json()["context"] == {"expire time": ["2026-11-23T17:30:00.987Z"]}
        assert asker.get(OWNERS).status == 200  # the private app's lasts


def test_tokens_can_be_made_to_expire() -> None:
    with served() as (emulator, asker):
        _, body = refresh(emulator, asker)
        emulator.tokens.expire()
        assert asker.get(OWNERS, headers=with_token(body["access_token"])).status == 401
        _, body = refresh(emulator, asker)
        assert asker.get(OWNERS, headers=with_token(body["access_token"])).status == 200


def test_a_rotated_refresh_token_is_good_once() -> None:
    with served(rotates=True) as (emulator, asker):
        old = emulator.tokens.refresh_token
        _, body = refresh(emulator, asker)
        assert body["refresh_token"] == emulator.tokens.refresh_token != old
        status, refusal = refresh(emulator, asker, refresh_token=old)
        assert (status, refusal["status"], refusal["error"]) == (400, "BAD_REFRESH_TOKEN", "invalid_grant")
        assert refresh(emulator, asker, refresh_token=body["refresh_token"])[0] == 200


@pytest.mark.parametrize(
    ("field", "refused_as"),
    [
        ("client_id", "BAD_CLIENT_ID"),
        ("client_secret", "BAD_CLIENT_SECRET"),
        ("refresh_token", "BAD_REFRESH_TOKEN"),
        ("grant_type", "BAD_GRANT_TYPE"),
    ],
)
def test_a_wrong_field_is_refused(field: str, refused_as: str) -> None:
    with served() as (emulator, asker):
        status, body = refresh(emulator, asker, **{field: "wrong"})
        assert (status, body["status"]) == (400, refused_as)
        assert "wrong" not in str(body)


def test_a_removed_app_is_let_in_no_more() -> None:
    with served() as (emulator, asker):
        refresh_token = emulator.tokens.refresh_token
        _, body = refresh(emulator, asker)
        emulator.tokens.revoke()
        for token in (body["access_token"], emulator.token):
            answer = asker.get(OWNERS, headers=with_token(token))
            assert (answer.status, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
        assert refresh(emulator, asker, refresh_token=refresh_token)[0] == 400


def test_a_private_apps_token_can_be_replaced() -> None:
    with served() as (emulator, asker):
        emulator.tokens.replace_private("pat-na1-next")
        assert asker.get(OWNERS).status == 401
        assert asker.get(OWNERS, headers=with_token("pat-na1-next")).status == 200


def test_the_token_endpoint_takes_forms_alone_and_no_fields_in_the_url() -> None:
    with served() as (emulator, asker):
        assert asker.post(TOKEN, {"grant_type": "refresh_token"}).status == 415
        assert (
            asker.form(f"{TOKEN}?grant_type=refresh_token&client_id={emulator.tokens.app.client_id}", code="x").status
            == 400
        )


def test_introspection_tells_what_a_token_may_do() -> None:
    clock = Clock()
    with served(small_account(clock), scopes=("crm.objects.deals.read",)) as (emulator, asker):
        app = emulator.tokens.app
        client = {"client_id": app.client_id, "client_secret": app.client_secret}
        _, body = refresh(emulator, asker)
        clock.move(minutes=10)
        told = asker.form(INTROSPECTION, **client, token=body["access_token"]).json()
        assert (told["active"], told["expires_in"], told["token_use"]) == (True, 1200, "access_token")
        assert told["scopes"] == ["crm.objects.deals.read", "oauth"]
        told = asker.form(INTROSPECTION, **client, token=emulator.tokens.refresh_token).json()
        assert (told["active"], told["token_use"]) == (True, "refresh_token")
        clock.move(minutes=30)
        for token in (body["access_token"], "unknown", emulator.token):
            assert asker.form(INTROSPECTION, **client, token=token).json() == {"active": False}
        assert asker.form(INTROSPECTION, token=body["access_token"]).status == 400


def test_a_private_app_is_told_its_scopes() -> None:
    with served(scopes=("crm.objects.deals.read",)) as (emulator, asker):
        answer = asker.post(PRIVATE_APP, {"tokenKey": emulator.token})
        assert answer.json() == {"userId": 1, "hubId": 62515, "appId": 2, "scopes": ["crm.objects.deals.read"]}
        assert asker.post(PRIVATE_APP, {"tokenKey": "pat-na1-wrong"}).status == 401


def test_tokens_are_given_however_much_was_asked() -> None:
    with served(limits=Limits(burst=0, oauth_burst=0)) as (emulator, asker):
        assert refresh(emulator, asker)[0] == 200
        assert asker.get(OWNERS).status == 429
