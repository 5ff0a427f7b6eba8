"""Leads, from their creation to what became of them."""

from kpi.relations.base import Relation

RELATIONS: tuple[Relation, ...] = ()
