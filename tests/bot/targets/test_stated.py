"""The state's targets as every question reads them, quickly."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.config import load_config
from bot.state import TargetBook, open_state
from bot.targets import StatedTargetsError, stated_targets
from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY, Directory, Rep
from kpi.targets import Origin, StatedTarget, Target, TargetKey, read_targets

WHOLE = StatedTarget(
    TargetKey("deals", ScopeType.COMPANY, None, "2026-11"), Target(Decimal("10.5"), "number", Origin.SET)
)
PART = StatedTarget(
    TargetKey("deals", ScopeType.REP, "files:R1", "2026-11"),
    Target(Decimal("0.0001"), "number", Origin.SPLIT, WHOLE.key),
)


@pytest.fixture
def config(acme):
    return load_config(acme / "scoreline.toml", {})


@pytest.fixture
def book(config):
    state = open_state(config.state_url, config.base)
    yield TargetBook(state, author="ana", clock=lambda: datetime.now(UTC))
    state.close()


def test_without_a_state_there_is_none_and_none_is_made(config):
    assert stated_targets(config) == ()
    assert not (config.base / "var" / "state.db").exists()


def test_what_stands_is_read_while_the_state_is_open(config, book):
    assert stated_targets(config) == ()
    book.write([replace(WHOLE, target=replace(WHOLE.target, value=Decimal(1)))])
    book.write([WHOLE, PART])

    assert stated_targets(config) == (WHOLE, PART)


def test_what_was_taken_away_is_not_read(config, book):
    book.write([WHOLE, PART])
    book.write([], removed=[WHOLE.key])
    assert stated_targets(config) == (PART,)


def test_a_state_elsewhere_is_read_the_same_way(config, book):
    book.write([WHOLE, PART])
    elsewhere = replace(config, state_url=config.state_url.replace("sqlite:", "sqlite+pysqlite:"))
    assert stated_targets(elsewhere) == (WHOLE, PART)


def test_a_path_with_signs_of_its_own_is_read(config, tmp_path):
    url = f"sqlite:///{tmp_path}/50% #1 state.db"
    state = open_state(url, tmp_path)
    TargetBook(state, author="ana", clock=lambda: datetime.now(UTC)).write([WHOLE])
    state.close()
    assert stated_targets(replace(config, state_url=url)) == (WHOLE,)


def test_what_is_no_database_is_told(config, tmp_path):
    (tmp_path / "x.db").write_text("something of somebody's " * 50)
    with pytest.raises(StatedTargetsError, match=r"can't be read: file is not a database. Check \[state\] url"):
        stated_targets(replace(config, state_url=f"sqlite:///{tmp_path}/x.db"))


def test_reading_imports_nothing_that_takes_long(config, book):
    book.write([WHOLE])
    script = (
        "import sys\nfrom pathlib import Path\nfrom bot.config import load_config\nfrom bot.targets import stated_targets\n"
        "assert len(stated_targets(load_config(Path(sys.argv[1]), {}))) == 1\n"
        "assert {'sqlalchemy', 'alembic', 'duckdb', 'babel'}.isdisjoint(sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(config.file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


class Rows:
    """An engine whose table of targets is given."""

    dialect = "duckdb"

    def __init__(self, rows):
        self.rows = rows

    def run(self, _sql, _parameters=None):
        return self.rows


FILED = [
    ("deals", "company", None, "2026-11", None, Decimal(3), None),
    ("deals", "company", None, "2026-12", None, Decimal(4), None),
]


def test_a_stated_target_stands_before_the_files_row():
    targets = read_targets(Rows(FILED), Directory((), (), ("files",)), {"deals"}, [WHOLE])

    assert targets.find("deals", COMPANY, "2026-11") == WHOLE.target
    assert targets.filed(WHOLE.key) == Target(Decimal(3), None)
    assert targets.find("deals", COMPANY, "2026-12") == Target(Decimal(4), None)


def test_a_stated_target_on_another_kpi_is_not_there():
    targets = read_targets(Rows([]), Directory((), (), ("files",)), {"bookings"}, [WHOLE])
    assert list(targets) == []


def test_a_rep_who_goes_by_the_id_of_another_source_keeps_their_targets():
    directory = Directory((Rep("crm:9", "Ana"),), (), ("crm", "files"), {"files:R1": "crm:9"})
    targets = read_targets(Rows([]), directory, {"deals"}, [PART])
    assert targets.find("deals", Scope(ScopeType.REP, "crm:9"), "2026-11") == PART.target
