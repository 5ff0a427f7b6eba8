"""The tour: what it shows, and what is left in its folder."""

import io
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.cli import main
from bot.demo.tour import DemoError, demo_folder, give_tour
from bot.sync import SilentProgress

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    folder, shown = tmp_path_factory.mktemp("demo") / "here", io.StringIO()
    with demo_folder(folder) as made:
        give_tour(made, Console(file=shown, width=100), lambda: NOW, nullcontext(SilentProgress()))
    return folder, shown.getvalue()


def test_it_pulls_the_company_and_shows_an_answer_a_digest_and_a_scorecard(toured):
    _, shown = toured
    assert "Pulled it from HubSpot" in shown
    assert "/kpi winrate" in shown
    assert "Weekly digest: APAC" in shown
    assert "Your weekly scorecard: Jürgen Weiß" in shown
    assert "Already sent" in shown


def test_what_it_leaves_answers_without_its_hubspot(toured, capsys):
    config = str(toured[0] / "scoreline.toml")
    with pytest.raises(SystemExit) as ended:
        main(["ask", "winrate", "company", "2026-Q3", "by", "rep", "--config", config, "--now", NOW.isoformat()])
    out = capsys.readouterr().out
    assert (ended.value.code or 0) == 0
    assert "Jürgen Weiß" in out


def test_it_does_not_touch_a_folder_that_holds_something_else(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(DemoError, match="not empty"), demo_folder(tmp_path):
        pass
