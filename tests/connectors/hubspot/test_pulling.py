"""What is asked of HubSpot, in which portions, and what becomes of an account that changes its settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from connectors.base import IncompleteError, MappingError, SourceError
from connectors.hubspot.emulator.account import Account, Link
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.fields import properties_of
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.workers import WORKERS
from kpi.engines.base import StoreBusyError
from kpi.store import open_writer
from tests.connectors.hubspot.crm import LAG, NIGHT, ORGANISATION, URL, Clock, Crm, differing
from tests.connectors.hubspot.edits import Edit, apply, furnish

HOUR = timedelta(hours=1)
_BODIES = re.compile(r"body|html|_text|headers|notes|transcript|summary|preview")


@pytest.fixture
def open_crm(tmp_path: Path) -> Iterator[Callable[..., Crm]]:
    """Opens a small account that was furnished an hour ago; words are those of Crm, and ``account``'s."""
    opened: list[Crm] = []

    def open_(account_words: dict[str, object] | None = None, *, furnished: bool = True, **words: object) -> Crm:
        clock = Clock()
        account = Account(clock=clock, timezone="UTC", **(account_words or {}))
        if furnished:
            furnish(account)
        clock.move(HOUR)
        opened.append(Crm(tmp_path / str(len(opened)), account=account, clock=clock, **words))
        opened[-1].emulator.start()
        return opened[-1]

    yield open_
    for crm in opened:
        crm.emulator.stop()


def listings(crm: Crm, object_name: str) -> Iterator[dict[str, list[str]]]:
    """The queries of an object's pages of live records."""
    for each in crm.emulator.log:
        query = parse_qs(each.query)
        if (
            each.method == "GET"
            and each.path.endswith(f"/objects/2026-09/{object_name}")
            and query.get("archived") == ["false"]
        ):
            yield query


# What is asked


def test_each_property_that_rows_need_is_pulled_and_never_a_body(open_crm):
    crm = open_crm()
    crm.sync()
    for name in OBJECTS:
        asked = {each for query in listings(crm, name) for each in query["properties"][0].split(",")}
        assert asked == set(properties_of(name, crm.settings))
        assert [each for each in asked if _BODIES.search(each)] == []


def test_an_address_that_would_be_too_long_is_split(open_crm):
    names = [f"custom_{'x' * 90}_{number}" for number in range(200)]
    crm = open_crm()
    for name in names:
        crm.account.add_property("deals", name)
    deal = crm.account.create("deals", {"dealname": "Long", "dealstage": "contractsent", names[-1]: "Gold"})
    crm.maps = {"deals": {"product": {"column": list(reversed(names))}}}
    crm.sync()
    assert max(len(each.query) for each in crm.emulator.log) < 8_000
    assert products(crm)[f"hubspot:{deal}"] == "Gold"
    crm.account.update("deals", deal, {names[-1]: "Silver"})
    crm.clock.move(LAG)
    crm.sync()
    assert products(crm)[f"hubspot:{deal}"] == "Silver"


def products(crm: Crm) -> dict[object, object]:
    return dict(crm.query("select id, product from deals"))


def test_pages_with_past_values_are_half_as_long(open_crm):
    crm = open_crm()
    crm.sync()
    assert {query["limit"][0] for query in listings(crm, "deals")} == {"50"}
    assert {query["limit"][0] for query in listings(crm, "companies")} == {"100"}


def test_all_associations_of_one_record_are_read_page_by_page(open_crm):
    crm = open_crm({"association_page": 3})
    deal = crm.account.create("deals", {"dealname": "Wide", "dealstage": "contractsent"})
    contacts = crm.account.create_many("contacts", [{"email": f"w{n}@example.com"} for n in range(20)])
    crm.account.associate_many("deals", [(deal, Link("contacts", contact)) for contact in contacts])
    crm.sync()
    with crm.open_mirror() as mirror:
        rows = mirror.rows("select target_id from deals__contacts where source_id = $1 order by target_id", [deal])
    assert [id_ for (id_,) in rows] == contacts


def test_more_records_than_a_search_gives_may_change_in_one_millisecond(open_crm):
    crm = open_crm(furnished=False)
    crm.account.create("companies", {"name": "First"})
    crm.sync()
    crm.clock.move(LAG)
    crm.account.create_many("companies", [{"name": f"Company {n}"} for n in range(10_450)])
    crm.sync()
    assert crm.query("select count(*) from accounts") == [(10_451,)]


# Accounts and scopes


def test_the_token_of_another_account_is_refused(open_crm):
    crm = open_crm()
    crm.sync()
    before = crm.tables()
    other = open_crm({"portal_id": 7})
    other.folder = crm.folder
    with pytest.raises(SourceError, match=r"of the HubSpot account 7, but .* is of 62515\. .* --full"):
        other.sync()
    assert crm.tables() == before
    other.account.create("companies", {"name": "Only there"})
    other.sync(full=True)
    assert differing(other.tables(), other.fresh_tables()) == {}


def test_an_object_without_its_scope_is_named_and_the_others_are_pulled(open_crm):
    crm = open_crm(scopes=set(READ_SCOPES) - {"crm.objects.companies.read", "crm.objects.leads.read"})
    crm.sync()
    assert sorted(crm.notices) == [
        "companies are not read: the token has no scope crm.objects.companies.read.",
        "leads are not read: the token has no scope crm.objects.leads.read.",
    ]
    assert crm.query("select count(*) from accounts union all select count(*) from deals") == [(0,), (4,)]


def test_an_object_whose_scope_is_granted_later_comes_with_its_associations(open_crm):
    crm = open_crm(scopes=set(READ_SCOPES) - {"crm.objects.companies.read", "crm.objects.leads.read"})
    crm.sync()
    crm.emulator.grant(READ_SCOPES)
    crm.clock.move(LAG)
    crm.sync()
    assert crm.notices == []
    assert differing(crm.tables(), crm.fresh_tables()) == {}


def test_a_scope_that_is_taken_back_takes_its_object_along(open_crm):
    crm = open_crm()
    crm.sync()
    crm.emulator.grant(set(READ_SCOPES) - {"crm.objects.companies.read"})
    crm.clock.move(LAG)
    crm.sync()
    assert crm.notices == ["companies are not read: the token has no scope crm.objects.companies.read."]
    assert differing(crm.tables(), crm.fresh_tables()) == {}


@pytest.mark.parametrize("name", ["contacts", "deals"])
def test_without_what_everything_needs_there_is_no_sync(open_crm, name):
    crm = open_crm(scopes=set(READ_SCOPES) - {f"crm.objects.{name}.read"})
    with pytest.raises(SourceError, match=f"crm.objects.{name}.read"):
        crm.sync()


def test_a_single_refusal_takes_nothing_away(open_crm):
    crm = open_crm()
    crm.sync()
    before = crm.tables()
    crm.clock.move(LAG)
    with pytest.raises(SourceError):
        crm.sync(faults=Faults.at(1, Fault.FORBIDDEN, path="*/companies/search"))
    crm.sync()
    assert crm.tables() == before


# Settings that change between syncs


def test_a_mapped_property_that_vanishes_is_an_error_and_loses_nothing(open_crm):
    crm = open_crm()
    crm.account.add_property("companies", "tier")
    crm.account.create("companies", {"name": "Tiered", "tier": "Gold"})
    crm.maps = {"accounts": {"segment": "tier"}}
    crm.sync()
    before = crm.tables()
    crm.account.rename_property("companies", "tier", "level")
    with pytest.raises(MappingError, match=r'\[source.map.accounts\] names the property "tier"'):
        crm.sync()
    assert crm.tables() == before
    crm.maps = {"accounts": {"segment": "level"}}
    crm.sync()
    assert crm.tables() == before


def test_a_property_that_is_mapped_later_is_there_for_all_records_even_after_a_failed_sync(open_crm):
    crm = open_crm()
    crm.account.add_property("companies", "tier")
    crm.account.create("companies", {"name": "Tiered", "tier": "Gold"})
    crm.sync()
    crm.maps = {"accounts": {"segment": "tier"}}
    with pytest.raises(SourceError):
        crm.sync(faults=Faults.at(2, Fault.EXPIRED_CURSOR))
    crm.sync()
    assert differing(crm.tables(), crm.fresh_tables()) == {}


def test_a_property_that_was_not_mapped_for_a_while_is_pulled_anew(open_crm):
    crm = open_crm()
    crm.account.add_property("companies", "tier")
    company = crm.account.create("companies", {"name": "Tiered", "tier": "Gold"})
    mapping = {"accounts": {"segment": "tier"}}
    for maps, tier in ((mapping, "Gold"), ({}, "Silver"), (mapping, "Silver")):
        crm.maps = maps
        crm.account.update("companies", company, {"tier": tier})
        crm.clock.move(HOUR)
        crm.sync()
    assert differing(crm.tables(), crm.fresh_tables()) == {}


def test_a_deleted_stage_and_an_archived_pipeline_keep_their_names(open_crm):
    crm = open_crm()
    for stage, pipeline in (("extra-2", "extra"), ("other-1", "other")):
        crm.account.create("deals", {"dealname": stage, "dealstage": stage, "pipeline": pipeline})
    crm.sync()
    before = crm.tables()
    crm.account.remove_stage("deals", "extra", "extra-2")
    crm.account.archive_pipeline("deals", "other")
    crm.clock.move(LAG)
    crm.sync()
    assert crm.tables() == before
    assert {"Extra", "Other"} <= {pipeline for (pipeline,) in crm.query("select pipeline from deals")}


def test_a_store_that_was_put_back_to_what_it_was_is_brought_up_to_date(open_crm):
    crm = open_crm()
    crm.sync()
    store = (crm.folder / "store.duckdb").read_bytes()
    for n in range(3):
        apply(crm.account, [Edit("change", "deals", n, 7)], crm.clock.move)
        crm.clock.move(LAG)
        crm.sync()
    (crm.folder / "store.duckdb").write_bytes(store)
    crm.sync()
    assert differing(crm.tables(), crm.fresh_tables()) == {}


# Beginning, going on, beginning anew


def test_where_hubspot_gives_no_more_today_a_sync_says_from_when_on_it_does(open_crm):
    crm = open_crm(limits=replace(UNLIMITED, daily=50))
    with pytest.raises(IncompleteError, match="goes on from 2026-11-21 00:00 UTC") as stopped:
        crm.sync()
    assert stopped.value.resume_at == crm.clock.now.replace(hour=0) + NIGHT


def test_a_first_sync_over_several_days_asks_for_little_twice(open_crm):
    crm = open_crm()
    needed = crm.sync()
    sparing = open_crm(limits=replace(UNLIMITED, daily=needed * 3 // 4))
    assert sparing.sync_until_done(4) == 2
    assert sparing.tables() == crm.tables()
    asked = [
        (each.path, each.query)
        for each in sparing.emulator.log
        if "archived=false" in each.query and each.status == 200
    ]
    assert len(asked) - len(set(asked)) <= 2 * WORKERS
    assert sparing.emulator.requests < needed * 3 // 2


def test_a_full_sync_brings_everything_once_more(open_crm):
    crm = open_crm()
    crm.sync()
    with crm.open_mirror() as mirror:
        mirror.connection.execute("update companies set name = 'spoilt'; delete from deals where id % 2 = 0")
    crm.sync(full=True)
    assert differing(crm.tables(), crm.fresh_tables()) == {}


def test_a_second_sync_at_once_is_refused(open_crm):
    crm = open_crm()
    with open_writer(URL, ORGANISATION, base=crm.folder), pytest.raises(StoreBusyError):
        crm.sync()
    crm.sync()
    assert differing(crm.tables(), crm.fresh_tables()) == {}


def test_no_records_where_hubspot_counts_some_is_an_error_until_it_is_so(open_crm):
    """As where the index still knows what is gone, or a listing comes back empty."""
    crm = open_crm({"search_lag": timedelta(minutes=10)})
    for _ in range(4):
        apply(crm.account, [Edit("purge", "companies")], crm.clock.move)
    for _ in range(2):
        with pytest.raises(SourceError, match="HubSpot counts 4 companies, but gave none of them"):
            crm.sync()
    crm.clock.move(LAG)
    crm.sync()
    assert differing(crm.tables(), crm.fresh_tables()) == {}
