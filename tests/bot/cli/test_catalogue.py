"""``kpi catalogue``: all KPIs in some lines each, and one in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi.catalogue import CATALOGUE
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

EMPTY = re.compile(r"^  (?:is|formula|needs) *$", re.MULTILINE)


def test_kpis_stand_under_the_cadence_that_they_are_asked_for(kpi: Kpi):
    lines = kpi("catalogue").out.splitlines()

    order = [line for line in lines if line in ("Weekly", "Monthly", "Quarterly") or " · " in line]
    weekly, monthly, quarterly = (order.index(heading) for heading in ("Weekly", "Monthly", "Quarterly"))
    assert weekly < order.index("contacts · Contact volume (count, better: up)") < monthly
    assert monthly < order.index("winrate · Win rate (percent, better: up)") < quarterly
    assert quarterly < order.index("churn · Customer churn (percent, better: down)")
    assert len(order) == len(CATALOGUE) + 3


def test_every_kpi_says_what_it_is_its_formula_and_needs_within_the_width(kpi: Kpi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = kpi("catalogue").out

    assert out.count("\n  is  ") == out.count("\n  formula  ") == out.count("\n  needs  ") == len(CATALOGUE)
    assert EMPTY.findall(out) == []
    assert max(map(len, out.splitlines())) <= 80


def test_what_this_crm_lacks_is_named(kpi: Kpi):
    out = kpi("catalogue", "magic").out

    assert "  lacks      subscriptions, which was never supplied: it has no value\n" in out


@pytest.mark.parametrize("kpi_id", CATALOGUE)
def test_one_kpi_in_full_has_all_its_variants_extras_and_notes(kpi: Kpi, kpi_id: str):
    of = CATALOGUE[kpi_id]
    out = " ".join(kpi("catalogue", kpi_id).out.split())

    assert out.startswith(f"{kpi_id} · {of.name} ")
    assert " ".join(of.what.split()) in out
    for variant in of.variants:
        assert f" {kpi_id} {variant.name} ({variant.unit.value}) is {variant.what} formula {variant.formula} " in out
    assert all(f"{name} ({extra.unit.value})" in out for name, extra in of.extras.items())


def test_a_kpi_may_be_named_by_any_of_its_names_and_several_at_once(kpi: Kpi):
    told = json.loads(kpi("catalogue", "win", "rate", "--json").out)
    several = json.loads(kpi("catalogue", "赢单率", "cac", "winrate", "--json").out)

    assert [entry["kpi"] for entry in told] == ["winrate"]
    assert [entry["kpi"] for entry in several] == ["winrate", "cac"]


def test_the_needs_of_an_attainment_are_those_of_the_kpi_too(kpi: Kpi):
    (entry,) = json.loads(kpi("catalogue", "attainment", "--json").out)

    assert "targets" in entry["inputs"]
    assert set(CATALOGUE["bookings"].needs) <= set(entry["inputs"])
    assert "newcustomers" in entry["variants"][1]["formula"]


def test_targets_are_supplied_by_setting_one(kpi: Kpi, acme: Path):
    (acme / "crm" / "targets.csv").unlink()
    assert kpi("sync").status == 0
    assert json.loads(kpi("catalogue", "attainment", "--json").out)[0]["missing"] == "targets"

    assert kpi("targets", "set", "bookings", "company", "2026-11", "5000").status == 0
    assert json.loads(kpi("catalogue", "attainment", "--json").out)[0]["supplied"] is True


def test_a_slip_is_answered_with_the_nearest_and_anything_else_with_where_to_look(kpi: Kpi):
    slip, nothing = kpi("catalogue", "wirate"), kpi("catalogue", "zzz")

    assert (slip.status, slip.err) == (2, "kpi: There is no KPI 'wirate'. Did you mean winrate?\n")
    assert (nothing.status, nothing.err) == (2, "kpi: There is no KPI 'zzz'. \"kpi catalogue\" lists all.\n")
