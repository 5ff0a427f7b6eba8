"""What people are answered to /kpi, through the real Bolt app on a loopback Slack."""

import pytest

from tests.bot.acme import HOSTILE_NAME
from tests.bot.conftest import RunningBot

STRANGERS = ["UFIN", "UGUEST", "ULEFT", "UROBOT", "USTRANGER", "UPARTNER", "UNOMAIL"]


def test_a_rep_who_names_nobody_is_answered_for_themselves(bot: RunningBot):
    answer = bot.answer("UANA", "winrate")

    assert answer.ephemeral_to == "UANA"
    assert answer.text.startswith("Win rate, Ana Diaz, November 2026 so far: 75")
    assert "3 of 4" in answer.text
    assert answer.blocks


def test_a_manager_who_names_nobody_is_answered_for_the_team_in_their_own_language(bot: RunningBot):
    text = bot.asks("UMIA", "winrate by rep")

    assert "EMEA" in text.splitlines()[0]
    assert "66,7" in text
    assert "4 of 6" in text
    assert "Ana Diaz: 75" in text


def test_an_admin_whom_the_crm_does_not_know_is_answered_for_the_company(bot: RunningBot):
    assert "4 of 7" in bot.asks("UOPS", "winrate")


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("winrate <@UBO|bo>", "1 of 2"),
        ("winrate <@UBO>", "1 of 2"),
        ("winrate bo@acme.example", "1 of 2"),
        ("winrate rep:R2", "1 of 2"),
        ('winrate "Bo Ek"', "1 of 2"),
        ("winrate my team", "4 of 6"),
        ("winrate team:T1 2026-W46", "3 of 5"),
        ("WINRATE Company", "4 of 7"),
        ("deals last 3 months", "Trend"),
        ("bookings last week", "5,000"),
    ],
)
def test_whose_and_when_can_be_said_in_many_ways(bot: RunningBot, question: str, figure: str):
    assert figure in bot.asks("UANA", question)


def test_a_person_is_matched_by_the_slack_id_of_the_configuration(bot: RunningBot):
    assert "Dee Oh" in bot.asks("UALIAS", "winrate")


@pytest.mark.parametrize("question", ["", "   ", "help", " HELP "])
def test_help_tells_how_to_ask(bot: RunningBot, question: str):
    answer = bot.answer("UANA", question)

    assert answer.ephemeral_to == "UANA"
    assert "/kpi winrate my team last quarter" in answer.text


def test_list_names_every_kpi(bot: RunningBot):
    text = bot.asks("UANA", "list")

    assert all(kpi in text for kpi in ("winrate", "deals", "bookings", "dealsize", "activities", "attainment"))


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("winrat", "winrate"),
        ("winrate rep:Anna", "Ana Diaz"),
        ("winrate <@UNOBODY>", "does not know the person you mention"),
        ("winrate <@UGUEST>", "does not know the person you mention"),
        ("winrate 2026-13", "2026-1"),
        ("winrate W46", "2026-W46"),
        ('winrate "Ana', "A quote is not closed"),
        ("winrate by colour", "rep"),
        ("bookings winrate", "one"),
    ],
)
def test_what_is_not_understood_is_answered_with_what_to_write(bot: RunningBot, question: str, advice: str):
    answer = bot.answer("UANA", question)

    assert answer.ephemeral_to == "UANA"
    assert advice.casefold() in answer.text.casefold()
    assert "went wrong" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "x" * 3_000,
        "winrate " * 370,
        "<!channel>",
        "winrate &lt;!channel&gt; &lt;@UBO&gt; &amp;lt;!here&amp;gt;",
        "winrate '; drop table deals; --",
        "winrate rep:' or 1=1 --",
        "winrate \x00\x07\x1b[31m\u202e\ufeff",
        "\"'“„«「",
        "winrate 9999-12",
        "winrate 0001-W01",
        "winrate 0000",
        "winrate 0001-01-01..9999-12-31",
        "winrate last 99999999999999999999 weeks",
        "winrate rep:",
        "winrate 💥 *_~`",
        "{{ 7 * 7 }} {% raw %}",
        "winrate " + "9" * 400,
    ],
)
def test_hostile_text_is_answered_in_words_and_pings_nobody(bot: RunningBot, question: str):
    answer = bot.answer("UANA", question)

    shown = f"{answer.text} {answer.blocks}"
    assert "<!" not in shown.replace("<!date^", "")
    assert "<@" not in shown
    assert "went wrong" not in answer.text
    assert answer.ephemeral_to == "UANA"
    assert bot.asks("UANA", "winrate").startswith("Win rate")


def test_a_hostile_name_pings_nobody(bot: RunningBot):
    answer = bot.answer("UEVE", "winrate rep:R5 by rep")

    assert "<!channel>" not in f"{answer.text} {answer.blocks}"
    assert "&lt;!channel&gt;" in answer.text
    assert HOSTILE_NAME not in answer.text


@pytest.mark.parametrize("user", STRANGERS)
@pytest.mark.parametrize(
    "question", ["winrate", "winrate company by rep", "help", "list", "winrate rep:Anna", "nonsense"]
)
def test_who_is_no_member_with_a_rep_sees_neither_figure_nor_name(bot: RunningBot, user: str, question: str):
    answer = bot.answer(user, question)

    assert answer.ephemeral_to == user
    assert "I don't know you" in answer.text
    shown = f"{answer.text} {answer.blocks}"
    assert not any(known in shown for known in ("Ana", "Bo Ek", "EMEA", "75%", "75 %", "winrate", "Win rate"))


def test_what_may_not_be_seen_is_answered_without_a_figure(bot: RunningBot):
    text = bot.asks("UANA", "winrate cy@acme.example")

    assert "you may not see these numbers" in text
    assert "0 of 1" not in text


def test_nothing_is_ever_said_to_the_channel(bot: RunningBot):
    for user, question in (("UANA", "winrate"), ("UFIN", "winrate"), ("UANA", "nonsense")):
        bot.asks(user, question, "CSALES")

    assert bot.slack.messages("CSALES") == []
