import pytest

from bot.digests.contents import BESIDE, CONTENTS, LINES, kpis_for, sections
from kpi.catalogue import CATALOGUE
from kpi.model import Cadence, ScopeType


def test_a_digest_holds_what_the_catalogue_has_in_the_order_of_the_digest() -> None:
    ids = [kpi.id for kpi in kpis_for(Cadence.MONTHLY, ScopeType.TEAM, CATALOGUE)]
    assert ids[:3] == ["winrate", "deals", "bookings"]
    assert set(ids) <= set(CATALOGUE)


def test_a_kpi_that_the_catalogue_gets_later_joins_by_itself() -> None:
    without = {id_: kpi for id_, kpi in CATALOGUE.items() if id_ != "bookings"}
    before = [kpi.id for kpi in kpis_for(Cadence.WEEKLY, ScopeType.REP, without)]
    after = [kpi.id for kpi in kpis_for(Cadence.WEEKLY, ScopeType.REP, CATALOGUE)]
    assert set(after) - set(before) == {"bookings"}


@pytest.mark.parametrize("cadence", Cadence)
def test_every_cadence_has_contents_for_every_audience_and_none_twice(cadence: Cadence) -> None:
    for audience in ScopeType:
        ids = CONTENTS[cadence][audience]
        assert ids
        assert len(set(ids)) == len(ids)


def test_capacity_is_for_teams_and_the_company_and_cost_for_the_company_alone() -> None:
    assert "aecapacity" not in CONTENTS[Cadence.MONTHLY][ScopeType.REP]
    assert "aecapacity" in CONTENTS[Cadence.MONTHLY][ScopeType.TEAM]
    assert "cac" not in CONTENTS[Cadence.QUARTERLY][ScopeType.TEAM]
    assert "cac" in CONTENTS[Cadence.QUARTERLY][ScopeType.COMPANY]


def test_kpis_stand_under_headings_in_the_order_of_the_digest() -> None:
    assert sections(("mqls", "winrate", "ours", "mql2sql")) == {
        "Leads": ["mqls", "mql2sql"],
        "Sales": ["winrate"],
        "Others": ["ours"],
    }


@pytest.mark.parametrize("cadence", Cadence)
def test_every_kpi_of_a_digest_has_a_heading(cadence: Cadence) -> None:
    for audience in ScopeType:
        assert "Others" not in sections(CONTENTS[cadence][audience])


def test_what_is_told_beside_a_value_and_by_line_is_in_the_catalogue() -> None:
    assert all(extra in CATALOGUE[kpi].extras for kpi, extra in BESIDE.items())
    assert all(by in CATALOGUE[kpi].dimensions for kpi, by in LINES.items())
