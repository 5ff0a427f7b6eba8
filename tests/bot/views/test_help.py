from functools import partial

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.question import Names, parse_question
from bot.views.help import error_message, help_message, list_message, unknown_person_message
from bot.views.limits import problems
from bot.views.message import Message
from kpi.catalogue import CATALOGUE
from kpi.scopes import COMPANY, Directory, Rep, Team
from tests.bot.views.readings import CALENDAR, HOSTILE, LONG, NOW

KPIS = tuple(CATALOGUE.values())


@pytest.mark.parametrize(
    "message",
    [help_message(KPIS), list_message(KPIS), unknown_person_message(), error_message(LONG * 3), error_message(HOSTILE)],
)
def test_slack_takes_what_the_bot_says(message: Message) -> None:
    assert problems(message) == []
    assert 0 < len(message["text"]) <= 4_000


def test_the_list_tells_every_kpi_and_variant() -> None:
    said = str(list_message(KPIS))
    assert all(f"`{kpi.id}` *{kpi.name}*" in said for kpi in KPIS)
    assert all(f"`{variant.name}`" in said for kpi in KPIS for variant in kpi.variants)


def test_every_example_of_the_help_is_a_question() -> None:
    commands = [line.split("`")[1] for line in help_message(KPIS)["text"].splitlines() if line.startswith("`/kpi ")]
    ann = Rep("files:R1", "Ann", team_id="files:T1")
    names = Names(KPIS, Directory((ann,), (Team("files:T1", "One"),), ["files"]), lambda _: None)
    asked = partial(parse_question, names=names, calendar=CALENDAR, now=NOW, asker=ann, default_scope=COMPANY)
    questions = [command.removeprefix("/kpi ") for command in commands if command != "/kpi list"]
    assert len(questions) >= 8
    for question in questions:
        assert asked(question).kpi.id == question.split()[0]


def test_help_shows_how_to_ask(snapshot: SnapshotAssertion) -> None:
    assert help_message((CATALOGUE["winrate"], CATALOGUE["deals"])) == snapshot


def test_a_list_of_more_kpis_than_can_be_told_about_names_them() -> None:
    long = list_message(KPIS * 2)
    assert problems(long) == []
    assert all(f"`{kpi.id}` {kpi.name}" in str(long) for kpi in KPIS)


def test_an_error_pings_nobody() -> None:
    assert "<!channel>" not in str(error_message(HOSTILE))
