"""The relations that KPIs read, by name, in the order in which they are made."""

from collections.abc import Mapping

from kpi.relations import activity, customers, leads, pipeline, records, revenue, spend
from kpi.relations.base import Relation

__all__ = ["BY_NAME", "RELATIONS", "Relation"]

RELATIONS: tuple[Relation, ...] = (
    *revenue.RELATIONS,
    *activity.RELATIONS,
    *customers.RELATIONS,
    *leads.RELATIONS,
    *pipeline.RELATIONS,
    *spend.RELATIONS,
    *records.RELATIONS,
)

BY_NAME: Mapping[str, Relation] = {relation.name: relation for relation in RELATIONS}
