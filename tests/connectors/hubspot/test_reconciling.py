"""The mirror held against the account: what slipped is found by few counts, read again and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from connectors.hubspot import reconciling
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.reading import SEARCH_PAGE
from tests.connectors.hubspot.crm import NIGHT, START, Clock, Crm, Tables

COMPANIES = 2_000
_FEW = 20  # records that are listed, not counted, here: so that the account may be small
_COUNTS = 16  # of an object in which nothing slipped
_HALVINGS = 7  # until 2,000 / 16 are at most 20, with room


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    clock = Clock()
    account = Account(clock=clock, timezone="UTC")
    for number in range(COMPANIES):
        at = START - timedelta(days=30) + timedelta(minutes=number)
        account.create("companies", {"name": f"Company {number}"}, at=at)
    with Crm(tmp_path_factory.mktemp("crm"), account=account, clock=clock) as crm:
        crm.sync()
        yield crm


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where an object's records are too many to be compared one by one."""
    monkeypatch.setattr(reconciling, "_COMPARED", 0)
    monkeypatch.setattr(reconciling, "_LISTED", _FEW)


def spoil(crm: Crm, sql: str) -> None:
    with crm.open_mirror() as mirror:
        mirror.connection.execute(sql)


def purge(crm: Crm) -> None:
    crm.account.purge("companies", next(iter(crm.account.shelves["companies"].records)))


SLIPS: dict[str, Callable[[Crm], None]] = {
    "missing": lambda crm: spoil(crm, "delete from companies where id = (select max(id) from companies)"),
    "one too many": lambda crm: spoil(
        crm, "insert into companies by name select 7 as id, * exclude (id) from companies limit 1"
    ),
    "stale": lambda crm: spoil(
        crm,
        "update companies set name = 'Old', modified = '2026-10-01T00:00:00.000Z' "
        "where id = (select median(id)::bigint from companies)",
    ),
    "purged": purge,
}


@pytest.mark.usefixtures("as_if_large")
@pytest.mark.parametrize("slip", SLIPS)
def test_what_has_slipped_is_found_at_night_by_few_searches_and_told(crm, slip):
    SLIPS[slip](crm)
    crm.clock.move(timedelta(hours=1))
    crm.sync()
    assert crm.notices == []  # by day nobody looks
    searches = night(crm)
    assert [each for each in crm.notices if "companies: 1 record had slipped past earlier syncs" in each] != []
    assert companies(crm.tables()) == companies_of(crm.account)
    assert searches <= 2 * (_COUNTS + 2 * _HALVINGS) + 2


@pytest.mark.usefixtures("as_if_large")
def test_a_night_in_which_nothing_slipped_costs_a_few_counts(crm):
    assert night(crm) <= _COUNTS + 2
    assert crm.notices == []


@pytest.mark.usefixtures("as_if_large")
def test_records_of_one_millisecond_are_told_apart_by_their_ids(crm):
    made = crm.account.create_many("companies", [{"name": f"Twin {n}"} for n in range(3 * _FEW)])
    crm.clock.move(timedelta(hours=1))
    crm.sync()
    spoil(crm, f"delete from companies where id = {made[5]}")
    night(crm)
    assert companies(crm.tables()) == companies_of(crm.account)


def test_in_a_small_account_one_too_many_does_not_hide_one_missing(crm):
    for slip in ("missing", "one too many"):
        SLIPS[slip](crm)
    assert night(crm) <= (COMPANIES + 3 * _FEW) // SEARCH_PAGE + 2
    assert companies(crm.tables()) == companies_of(crm.account)


def night(crm: Crm) -> int:
    """Syncs after a night; gives how many searches for companies that took."""
    crm.clock.move(NIGHT)
    before = crm.emulator.requests
    crm.sync()
    return crm.paths(before).count("POST /crm/objects/2026-09/companies/search")


def companies(tables: Tables) -> list[tuple[object, object]]:
    return sorted((id_, name) for id_, name, *_ in tables["accounts"])


def companies_of(account: Account) -> list[tuple[object, object]]:
    records = account.shelves["companies"].records
    return sorted((f"hubspot:{id_}", record.properties["name"]) for id_, record in records.items())
