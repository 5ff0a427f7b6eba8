import pytest
from syrupy.assertion import SnapshotAssertion

from bot.views.help import error_message, help_message, list_message, unknown_person_message
from bot.views.limits import problems
from bot.views.message import Message
from kpi.catalogue import CATALOGUE
from tests.bot.views.readings import HOSTILE, LONG

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


def test_help_shows_how_to_ask(snapshot: SnapshotAssertion) -> None:
    assert help_message((CATALOGUE["winrate"], CATALOGUE["deals"])) == snapshot


def test_a_list_as_long_as_the_whole_catalogue_will_be_fits() -> None:
    assert problems(list_message(KPIS * 7)) == []


def test_an_error_pings_nobody() -> None:
    assert "<!channel>" not in str(error_message(HOSTILE))
