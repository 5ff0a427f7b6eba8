import pytest

from bot.views.reasons import explanation
from kpi.catalogue import CATALOGUE
from kpi.schema import TABLES


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("zero_denominator", "nothing to divide by"),
        ("not_permitted", "you may not see these numbers"),
        ("not_begun", "the period has not begun"),
        ("not_applicable", "not told for this kind of scope or period"),
        ("missing_input: targets", "Add a row to the table targets"),
        ("missing_input: spend", "the table spend is missing or empty. Add spend.csv to a source of type files"),
        ("missing_input: deals.amount", 'amount = "..." under [source.map.deals]'),
        ("something_new", "something new."),
        (None, "no reason is known."),
    ],
)
def test_a_reason_is_told_in_words_with_what_to_do(reason: str | None, words: str) -> None:
    assert words in explanation(reason)


@pytest.mark.parametrize(
    ("kpi", "given", "words"),
    [
        ("lead2sale", "deals.closed_at", " Or supply deals.close_date."),
        ("margin", "deals.cost", " Or supply line_items.cost."),
        ("newcustomers", "accounts.customer_since", " Or supply deals or subscriptions."),
        ("bookings", "deals.amount", "under [source.map.deals] in scoreline.toml."),
    ],
)
def test_what_a_kpi_takes_in_place_of_an_input_is_told(kpi: str, given: str, words: str) -> None:
    assert explanation(f"missing_input: {given}", kpi).endswith(words)


def test_every_input_that_a_kpi_needs_is_one_to_supply() -> None:
    for kpi in CATALOGUE.values():
        for need in (*kpi.needs, *(need for variant in kpi.variants for need in variant.needs)):
            for given in need.split("|"):
                table, _, column = given.partition(".")
                assert table in TABLES
                assert not column or column in TABLES[table].column_names
                told = explanation(f"missing_input: {given}", kpi.id)
                assert given == "targets" or f"under [source.map.{table}]" in told
