"""The state's database: where it lies, who may read it, and that it fits the code."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from bot.state import StateError, open_state
from bot.state.database import MIGRATIONS
from bot.state.tables import METADATA

URL = "sqlite:///var/state.db"
OPEN = "import sys; from pathlib import Path; from bot.state import open_state; open_state(sys.argv[1], Path(sys.argv[2])).close()"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(code: str, *args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *args], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_relative_file_lies_beside_the_configuration_and_is_its_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        state = open_state(URL, tmp_path)
        with state.write() as connection:
            connection.execute(text("select 1"))
        files = sorted((tmp_path / "var").iterdir())
        modes = {mode(path) for path in files}
    finally:
        os.umask(before)
    state.close()

    assert mode(tmp_path / "var") == 0o700
    assert modes == {0o600}
    assert [path.name for path in files] == ["state.db", "state.db-shm", "state.db-wal"]


def test_an_absolute_file_is_where_it_says(tmp_path):
    open_state(f"sqlite:///{tmp_path}/elsewhere.db", Path("/nowhere")).close()

    assert (tmp_path / "elsewhere.db").stat().st_size > 0


def test_the_tables_are_those_that_the_code_declares(tmp_path):
    open_state(URL, tmp_path).close()

    with create_engine(f"sqlite:///{tmp_path}/var/state.db").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_migration_is_known_by_its_files_name_and_the_last_is_the_head():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    assert script.get_heads() == [max(each.revision for each in script.walk_revisions())]
    for each in script.walk_revisions():
        assert Path(each.path).name.startswith(f"m{each.revision}_")


def test_a_state_that_is_up_to_date_is_opened_without_alembic(tmp_path):
    open_state(URL, tmp_path).close()

    child = run(OPEN + "; assert 'alembic' not in sys.modules", URL, str(tmp_path))

    assert child.communicate(timeout=60)[1] == ""
    assert child.returncode == 0


def test_processes_that_start_at_once_on_nothing_all_succeed(tmp_path):
    children = [run(OPEN, URL, str(tmp_path)) for _ in range(4)]

    assert [child.communicate(timeout=60)[1] for child in children] == ["", "", "", ""]
    with create_engine(f"sqlite:///{tmp_path}/var/state.db").connect() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1


def test_a_state_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    state = open_state(URL, tmp_path)
    with state.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    state.close()

    with pytest.raises(StateError, match=r"at version 9999, and this Scoreline knows 0003: use the newer Scoreline"):
        open_state(URL, tmp_path)
    with create_engine(f"sqlite:///{tmp_path}/var/state.db").connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar() == "9999"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "is no database URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("elephant://user@host/db", "is no database URL"),
        ("mysql+mysqlconnector://user:hush@localhost/db", "needs a driver that is not installed: mysql"),
    ],
)
def test_a_url_that_can_not_serve_is_told_without_its_password(tmp_path, url, told):
    with pytest.raises(StateError, match=told) as caught:
        open_state(url, tmp_path)

    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path):
    (tmp_path / "state.db").write_text("something of somebody's " * 50)

    with pytest.raises(StateError, match=r"refused: file is not a database. Check \[state\] url"):
        open_state("sqlite:///state.db", tmp_path)
    assert (tmp_path / "state.db").read_text().startswith("something of somebody's")


def test_a_folder_that_can_not_be_made_is_told(tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")

    with pytest.raises(StateError, match=r"can't be made: (Not a directory|File exists)"):
        open_state(URL, tmp_path)


def test_a_transaction_with_an_error_in_it_leaves_nothing(tmp_path):
    state = open_state(URL, tmp_path)
    with pytest.raises(StateError), state.write() as connection:  # noqa: PT012 - the block is the transaction
        connection.execute(text("update alembic_version set version_num = 'lost'"))
        connection.execute(text("select nothing from nowhere"))
    with state.read() as connection:
        version = connection.execute(text("select version_num from alembic_version")).scalar()
    state.close()

    assert version == "0003"


def migrate(engine, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if to == "head" else command.downgrade)(config, to)


def test_each_migration_goes_back_and_forth_and_leaves_the_other_tables_alone(tmp_path):
    state = open_state(URL, tmp_path)
    with state.write() as connection:
        connection.execute(
            text(
                "insert into deliveries values (1, 'T', 'd', 'p', 'r', 'main', 1, 'due', null, null, 0, null, null, null, null, null, null, null, null, null)"
            )
        )
    state.close()
    engine = create_engine(f"sqlite:///{tmp_path}/var/state.db")

    migrate(engine, "0001")
    assert sorted(inspect(engine).get_table_names()) == ["alembic_version", "deliveries"]
    migrate(engine, "head")

    with engine.connect() as connection:
        assert connection.execute(text("select digest_id from deliveries")).scalar() == "d"
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrate(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
