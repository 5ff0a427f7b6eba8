"""The made-up company in HubSpot: what its configuration says, and what stands in files beside."""

import csv
from datetime import UTC, datetime

import pytest

from bot.config import load_config
from bot.demo.crm import running_crm
from bot.demo.staff import MEMBERS, STAFF

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    with running_crm(NOW.date(), lambda: NOW) as crm:
        crm.write(folder)
        yield crm, folder, load_config(folder / "scoreline.toml", crm.environ)


def test_the_company_is_pulled_from_hubspot_and_what_that_does_not_hold_from_files(crm):
    running, folder, config = crm
    hubspot, files = config.sources
    assert (hubspot.type, hubspot.api_url) == ("hubspot", running.api_url)
    assert (files.type, files.path) == ("files", folder / "beside")
    assert config.secrets.get("HUBSPOT_ACCESS_TOKEN") == running.token


def test_the_token_stands_in_no_file(crm):
    running, folder, _ = crm
    assert not any(running.token in path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


def test_the_configuration_says_who_manages_whom(crm):
    people = {person.email: person for person in crm[2].people}
    for member in STAFF:
        manager = MEMBERS[member.manager_id].email if member.manager_id else None
        assert (people[member.email].role, people[member.email].manager) == (member.role, manager)


def test_digests_go_to_teams_by_their_ids_in_hubspot(crm):
    running, _, config = crm
    assert [digest.to for digest in config.digests] == [
        f"team:{running.ids.of('teams', team)}" for team in ("T1", "T7")
    ]


def test_the_files_name_owners_and_teams_as_hubspot_does(crm):
    running, folder, _ = crm
    with (folder / "beside" / "targets.csv").open(encoding="utf-8", newline="") as file:
        named = {row["scope_id"] for row in csv.DictReader(file) if row["scope"] != "company"}
    teams = {f"hubspot:{running.ids.of('teams', f'T{number}')}" for number in range(1, 10)}
    owners = {f"hubspot:{running.ids.of('owners', member.id)}" for member in STAFF}
    assert teams <= named
    assert named <= teams | owners | {member.email for member in STAFF}
