"""What an account costs that lacks something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.hubspot.costs import Supply
from connectors.hubspot.fields import FEEDS
from connectors.mapping import SourceSettings, parse_table_map


def supply(*refused: str, maps: Mapping[str, Any] | None = None, **properties: tuple[str, ...]) -> Supply:
    """Of an account whose objects have every property, or those that are given."""
    parsed = {table: parse_table_map(table, raw, of_files=False) for table, raw in (maps or {}).items()}
    known = {name: [{"name": each} for each in names] for name, names in properties.items()}
    return Supply(SourceSettings("hubspot", "hubspot", maps=parsed), refused, known)


@pytest.mark.parametrize(
    ("name", "lost", "weakened"),
    [
        ("quotes", {("quotes", "")}, set()),
        ("emails", {("activities", "opened"), ("activities", "replied")}, set()),
        ("leads", {("leads", "disqualified_at")}, set()),
        ("users", {("owners", "timezone")}, set()),
        ("calls", set(), set()),
        ("products", set(), set()),
        ("subscriptions", set(), {("subscriptions", "")}),
        (
            "line_items",
            {("line_items", ""), ("deals", "product"), ("deals", "term_months")},
            {("deals", "cost"), ("subscriptions", "")},
        ),
        ("campaigns", {("campaigns", ""), ("spend", "")}, set()),
    ],
)
def test_lost_is_what_nothing_else_fills_and_weakened_what_may_not_be_filled(
    name: str, lost: set[tuple[str, str]], weakened: set[tuple[str, str]]
) -> None:
    costs = supply(name).costs_of([name])

    assert (set(costs.lost), set(costs.weakened)) == (lost, weakened)


def test_without_companies_there_are_no_subscriptions_whose_account_could_be_named() -> None:
    lost = supply("companies").costs_of(["companies"]).lost

    assert {("accounts", ""), ("subscriptions", ""), ("deals", "account_id")} <= set(lost)


def test_what_a_mapping_fills_is_not_lost() -> None:
    maps = {"leads": {"disqualified_at": "given_up_on"}, "deals": {"cost": "delivery_cost", "product": "plan"}}

    assert supply("leads", maps=maps).costs_of(["leads"]).lost == ()
    assert supply("line_items", maps=maps).costs_of(["line_items"]).lost == (
        ("deals", "term_months"),
        ("line_items", ""),
    )


def test_a_property_that_the_account_does_not_have_fills_nothing() -> None:
    lost = supply("line_items", deals=("amount", "dealname")).costs_of(["line_items"]).lost

    assert ("deals", "cost") in lost


def test_the_objects_that_are_left_to_a_table_are_named() -> None:
    costs = supply("emails", "calls").costs_of(["emails", "calls"])

    assert costs.instead == (("activities", ("meetings", "communications", "tasks")),)


def test_in_a_whole_account_nothing_is_lost() -> None:
    whole = supply()

    assert whole.unfilled == (("accounts", "churned_at"),)
    assert not [
        (table, name) for table, feeds in FEEDS.items() for name in feeds[0].columns if whole.is_lost((table, name))
    ]
