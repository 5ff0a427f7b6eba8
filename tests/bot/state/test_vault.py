"""The vault: what it keeps comes back, to who has the key, and is nowhere in plain text."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.state.vault import StateVault, VaultError

URL = "sqlite:///var/state.db"
OLD, NEW = "an old key of some length", "the-new-key-is-another-one"
TOKEN = "na1-refresh-0123456789"


@pytest.fixture
def vault(tmp_path: Path) -> Callable[[str | None], StateVault]:
    def opened(key: str | None) -> StateVault:
        return StateVault(URL, tmp_path, {"SCORELINE_SECRET_KEY": key}.get, lambda: datetime(2026, 11, 20, tzinfo=UTC))

    return opened


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_was_written_last_comes_back_and_is_nowhere_in_plain_text(vault, tmp_path):
    vault(NEW).write("hubspot", "first")
    vault(NEW).write("hubspot", TOKEN)
    vault(NEW).write("other", "x")

    assert vault(NEW).read("hubspot") == TOKEN
    assert vault(NEW).read("unknown") is None
    assert TOKEN.encode() not in files(tmp_path)
    assert NEW.encode() not in files(tmp_path)


def test_the_same_secret_is_written_differently_each_time(vault, tmp_path):
    vault(NEW).write("a", TOKEN)
    before = files(tmp_path)
    vault(NEW).write("a", TOKEN)
    assert files(tmp_path) != before


def test_reading_what_was_never_written_needs_no_key_and_makes_no_database(vault, tmp_path):
    assert vault(None).read("hubspot") is None
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_changed_by_putting_the_new_one_in_front(vault):
    vault("old-key-of-some-length").write("hubspot", TOKEN)

    assert vault(f"{NEW},old-key-of-some-length").read("hubspot") == TOKEN
    assert vault(NEW).read("hubspot") == TOKEN  # what was read is encrypted with the new one since


@pytest.mark.parametrize("keys", [f"{NEW}, other-key-of-some-length", f"{NEW}\nother-key-of-some-length\n"])
def test_keys_are_separated_by_commas_or_blanks_and_the_first_encrypts(vault, keys):
    vault(keys).write("hubspot", TOKEN)

    assert vault(NEW).read("hubspot") == TOKEN
    with pytest.raises(VaultError):
        vault("other-key-of-some-length").read("hubspot")


def test_a_wrong_key_is_told_in_one_line_without_a_secret(vault):
    vault(NEW).write("hubspot", TOKEN)

    with pytest.raises(VaultError, match="add the former key") as caught:
        vault("x" * 32).read("hubspot")
    assert not any(secret in str(caught.value) for secret in (TOKEN, NEW, "xxxx", "\n"))


@pytest.mark.parametrize(
    ("key", "told"), [(None, "is not set"), (" , ", "is not set"), ("short", "less than 16"), (OLD, "less than 16")]
)
def test_a_key_that_is_none_is_told_before_anything_is_kept(vault, tmp_path, key, told):
    with pytest.raises(VaultError, match=told):
        vault(key).write("hubspot", TOKEN)
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_used_is_told_as_the_vaults_trouble(tmp_path):
    (tmp_path / "var").write_text("no folder")
    vault = StateVault(URL, tmp_path, {"SCORELINE_SECRET_KEY": NEW}.get, lambda: datetime.now(UTC))
    with pytest.raises(VaultError, match="state database"):
        vault.write("hubspot", TOKEN)


def test_of_many_who_write_at_once_one_wins_wholly(vault):
    written = [f"token-{number}" for number in range(6)]
    threads = [threading.Thread(target=vault(NEW).write, args=("hubspot", one)) for one in written]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert vault(NEW).read("hubspot") in written
