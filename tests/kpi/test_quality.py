"""What makes a company's figures doubtful is named once, with how many records it concerns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.quality import read_quality
from tests.kpi.expected.records import Company
from tests.kpi.published import SYNCED_AT, URL, context_of, publish
from tests.kpi.test_facts import ACME, NOVEMBER, NOW


@pytest.fixture
def found(tmp_path):
    """What is found in a company: ``found(ACME)`` gives (subject, text) pairs; fields of the context may differ."""

    def find(company, **different):
        publish(company, tmp_path)
        engine = open_engine(URL, tmp_path)
        context = replace(context_of(company, engine, NOW), **different)
        findings = [(finding.subject, finding.text) for finding in read_quality(engine, context, CATALOGUE.values())]
        engine.close()
        return findings

    return find


def texts_on(findings, kpi):
    return [text for subject, text in findings if kpi in subject.split(", ")]


def test_the_notes_of_all_kpis_are_told_of_all_time(found):
    texts = texts_on(found(ACME), "bookings")
    assert "1 won deal is closed without a date and counts in no period" in texts
    assert "2 deals have no exchange rate for BRL and are left out" in texts
    assert "1 deal has no exchange rate for EUR and is left out" in texts


def test_open_deals_with_a_rate_of_today_are_not_doubtful(found):
    rates = [{"currency": "EUR", "date": NOVEMBER.date(), "rate": 1}]
    deals = [
        {"id": each, "status": "open", "created_at": NOVEMBER, "amount": 1, "currency": each, "owner_id": "R1"}
        for each in ("EUR", "BRL")
    ]
    owners = [{"id": "R1", "name": "Ann"}]
    company = Company(ACME.organisation, {"files": {"owners": owners, "deals": deals, "fx_rates": rates}})
    assert texts_on(found(company), "pipeline") == ["1 open deal has no exchange rate for BRL and is left out"]


def test_what_is_found_is_told_once(found):
    findings = found(ACME)
    assert len({text for _, text in findings}) == len(findings)


def test_a_company_without_records_has_nothing_doubtful(found):
    assert found(Company(ACME.organisation, {"files": {"owners": [{"id": "R1", "name": "Ann"}]}})) == []


def test_records_without_a_known_owner_are_counted(found):
    company = Company(
        ACME.organisation,
        {"files": {"leads": [{"id": "L1", "created_at": NOVEMBER}, {"id": "L2", "created_at": NOVEMBER}]}},
    )
    assert found(company) == [("leads", "2 of 2 have no known owner and count for the company alone")]


def test_ids_that_lead_nowhere_are_counted(found):
    company = Company(
        ACME.organisation,
        {
            "files": {
                "owners": [{"id": "R1", "name": "Ann", "team_id": "gone"}],
                "leads": [{"id": "L1", "owner_id": "R1", "created_at": NOVEMBER, "account_id": "nowhere"}],
            }
        },
    )
    assert found(company) == [
        ("owners", "1 name by team_id one of the teams that is not there"),
        ("leads", "1 name by account_id one of the accounts that is not there"),
    ]


def test_targets_that_nothing_is_held_against_are_named(found):
    rows = [
        {"kpi": "boookings", "scope": "company", "period": "2026-11", "value": 1},
        {"kpi": "bookings", "scope": "company", "period": "November", "value": 1},
        {"kpi": "bookings", "scope": "team", "scope_id": "T9", "period": "2026-11", "value": 1},
        {"kpi": "bookings", "scope": "rep", "scope_id": "nobody@x.example", "period": "2026-11", "value": 1},
        {"kpi": "bookings", "scope": "rep", "scope_id": "R1", "period": "2026-11", "value": 1},
    ]
    company = Company(ACME.organisation, {"files": {"owners": [{"id": "R1", "name": "Ann"}], "targets": rows}})
    assert [text for subject, text in found(company) if subject == "targets"] == [
        "1 is on 'boookings', which is no KPI: did you mean bookings?",
        "1 is on 'November', which is no period",
        "1 is on the team 'files:T9', which is not there",
        "1 is on a rep who is not there",
    ]


def test_an_old_sync_is_said_to_be_old(found):
    at = SYNCED_AT + timedelta(hours=27)
    assert found(ACME, now=at, stale_after=timedelta(hours=26))[0][0] == "sync"
    assert all(subject != "sync" for subject, _ in found(ACME, now=at, stale_after=timedelta(hours=28)))
