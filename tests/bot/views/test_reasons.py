import pytest

from bot.views.reasons import explanation


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("zero_denominator", "nothing to divide by"),
        ("not_permitted", "you may not see these numbers"),
        ("not_begun", "the period has not begun"),
        ("not_applicable", "no value for this kind of scope or period"),
        ("missing_input: targets", "Add a row to the table targets"),
        ("missing_input: spend", "Add spend.csv to a source of type files"),
        ("missing_input: deals.amount", 'amount = "..." under [source.map.deals]'),
        ("something_new", "something new."),
        (None, "no reason is known."),
    ],
)
def test_a_reason_is_told_in_words_with_what_to_do(reason: str | None, words: str) -> None:
    assert words in explanation(reason)
