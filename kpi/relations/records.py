"""The records of the schema that have an owner, as they stand, for KPIs that no other relation can tell."""

from kpi.relations.base import Relation, columns_of
from kpi.schema import TABLES

_JOINS = "left join rep_owners as own on own.owner_id = records.owner_id"


def _records(table: str, record: str, *dimensions: str, rep_id: str = "own.rep_id", joins: str = _JOINS) -> Relation:
    """Every column of a table (its id under the name of what it identifies), and whose the record is."""
    columns = [name for name in TABLES[table].column_names if name not in ("id", "currency")]
    currency = (
        ["coalesce(upper(records.currency), $currency) as currency"] if "currency" in TABLES[table].column_names else []
    )
    selected = [
        f"{rep_id} as rep_id",
        f"records.id as {record}_id",
        *(f'records."{name}"' for name in columns),
        *currency,
    ]
    return Relation(
        f"{record}_records",
        f"select {', '.join(selected)} from {table} as records {joins}",
        columns_of(table, *dimensions),
        record=(table, f"{record}_id"),
        kept=False,
        what=f"The table `{table}` as it stands, its `id` as `{record}_id`, with the owner's `rep_id`."
        + (" An empty currency is the company's." if currency else ""),
    )


RELATIONS = (
    _records("accounts", "account", "industry", "segment", "region", "country"),
    _records("leads", "lead", "source", "status"),
    _records("deals", "deal", "pipeline", "stage", "type", "status", "source", "contact_method", "product"),
    _records("activities", "activity", "type", "direction", "outcome"),
    _records(
        "quotes",
        "quote",
        rep_id="case when deals.id is null then own.rep_id else of_deal.rep_id end",
        joins=f"{_JOINS} left join deals on deals.id = records.deal_id "
        "left join rep_owners as of_deal on of_deal.owner_id = deals.owner_id",
    ),
    _records(
        "subscriptions",
        "subscription",
        "product",
        rep_id="coalesce(own.rep_id, of_account.rep_id)",
        joins=f"{_JOINS} left join accounts on accounts.id = records.account_id "
        "left join rep_owners as of_account on of_account.owner_id = accounts.owner_id",
    ),
)
