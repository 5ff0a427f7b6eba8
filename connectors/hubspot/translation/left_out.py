"""The leads and deals that filters leave out, among those that some rows point to."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.deal_core import deal_core
from connectors.hubspot.translation.lead_facts import lead_facts
from connectors.hubspot.translation.links import ids_in, linked_deals
from connectors.hubspot.translation.run import Run


def left_leads(run: Run, relation: str) -> str:
    """``id``: those of the ``lead_id`` of a relation that are left out."""
    ids = run.step(f"select distinct trim(lead_id) as id from {relation} where lead_id is not null")
    return run.step(f"select id from {lead_facts(run, ids)} where is_left")


def left_of_core(run: Run, core: str) -> str:
    """``id``, ``is_test``: those of a relation of deal_core (with leads) that are left out."""
    tests = [rules.names_fit(run, "d.name"), rules.account(run, core, "d")]
    if rules.any_of_leads(run):
        tests.append(f"coalesce(trim(d.lead_id) in (select id from {left_leads(run, core)}), false)")
        if run.field("leads", "deal_id") is not None:
            tests.append(f"cast(d.id as varchar) in (select deal_id from {_named_by_leads(run)})")
    is_test = f"({' or '.join(tests)})"
    flags = f"select d.id, {is_test} as is_test, {rules.unwanted_deal(run)} as is_unwanted from {core} d"
    return run.step(f"select * from ({flags}) where is_test or is_unwanted")


def _named_by_leads(run: Run) -> str:
    """The deals that left-out leads name by a property, which can only be seen by looking at all leads."""
    if "named_by_leads" not in run.made:
        ids = run.step("select cast(id as varchar) as id from contacts union all select 'lead-' || id from leads")
        facts = lead_facts(run, ids)
        run.made["named_by_leads"] = run.step(
            f"select distinct trim(deal_id) as deal_id from {facts} where is_left and deal_id is not null"
        )
    return run.made["named_by_leads"]


def left_deals(run: Run, wanted: str) -> str | None:
    """``id``, ``is_test`` of those wanted deals that are left out; None where no filter is set."""
    if not rules.any_of_deals(run):
        return None
    return left_of_core(run, deal_core(run, wanted, with_lead=rules.any_of_leads(run)))


def chosen_deals(run: Run, source: str, wanted: str) -> str:
    """``id``, ``deal_id``: the live deal of each wanted record of ``source`` (an activity, a part) that has any: with
    the lowest id among those that count, else among all."""
    deals = linked_deals(run, source, wanted)
    left = left_deals(run, ids_in(run, f"select deal_id from {deals}"))
    counts = f" filter (where deal_id not in (select id from {left}))" if left else ""
    return run.step(f"select id, coalesce(min(deal_id){counts}, min(deal_id)) as deal_id from {deals} group by id")
