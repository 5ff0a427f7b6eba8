"""Which one of several associated records counts: the primary company, the deal that counts, the first lead."""

from __future__ import annotations

from connectors.hubspot.translation.run import Run

# Over an association (alias ``p``): the primary target, else the one with the lowest id.
PRIMARY = "coalesce(min(p.target_id) filter (where p.is_primary), min(p.target_id))"


def linked_companies(run: Run, source: str, wanted: str) -> str:
    """``id``, ``company_id``: the primary live company of each wanted record, else the one with the lowest id."""
    return run.step(
        f"select p.source_id as id, {PRIMARY} as company_id "
        f"from {source}__companies p where p.source_id in (select id from {wanted}) "
        "and p.target_id in (select id from companies) group by p.source_id"
    )


def linked_deals(run: Run, source: str, wanted: str) -> str:
    """``id``, ``deal_id``: each live deal of each wanted record."""
    return run.step(
        f"select distinct p.source_id as id, p.target_id as deal_id from {source}__deals p "
        f"where p.source_id in (select id from {wanted}) and p.target_id in (select id from deals)"
    )


def ids_in(run: Run, select: str) -> str:
    """The distinct ids of a select of one column, as a ``wanted`` relation."""
    return run.step(f"select distinct * from ({select}) as hs_ids(id) where id is not null")


class LeadObjects:
    """The lead objects near some contacts and lead objects, and whose they are.

    A lead object's own contact is the primary live one, else the one with the lowest id. A contact's first lead object
    is the earliest made of those that are its own, else of those that it is associated with at all; it takes the place
    of the contact, whose dates it gets."""

    def __init__(self, run: Run, contacts: str, leads: str | None = None) -> None:
        seeds = f"select id from {contacts}"
        if leads is not None:
            seeds += f" union select target_id from leads__contacts where source_id in (select id from {leads})"
        near = ids_in(run, seeds)
        also = f" or source_id in (select id from {leads})" if leads is not None else ""
        live = ids_in(
            run,
            f"select source_id from leads__contacts where (target_id in (select id from {near}){also}) "
            "and source_id in (select id from leads)",
        )
        self.links = run.step(
            "select p.source_id as lead_id, p.target_id as contact_id, "
            "bool_or(coalesce(p.is_primary, false)) as is_primary "
            f"from leads__contacts p where p.source_id in (select id from {live}) "
            "and p.target_id in (select id from contacts) group by all"
        )
        self.own = run.step(
            "select lead_id, coalesce(min(contact_id) filter (where is_primary), min(contact_id)) as contact_id "
            f"from {self.links} group by lead_id"
        )
        created = f"hs_instant({lead_created(run, 'l')})"
        self.first = run.step(
            f"select k.contact_id, k.lead_id, {created} as created from {self.links} k "
            f"join {self.own} o on o.lead_id = k.lead_id join leads l on l.id = k.lead_id "
            "qualify row_number() over (partition by k.contact_id "
            f"order by (o.contact_id <> k.contact_id), {created} nulls last, k.lead_id) = 1"
        )


def lead_created(run: Run, alias: str) -> str:
    return f"coalesce({run.prop('leads', 'hs_createdate', alias)}, {alias}.created_at)"
