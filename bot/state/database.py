"""Opening the state's database: where it is, that nobody else reads it, that its tables are those of this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
ADVISORY_LOCK = 0x5C08E  # any number, the same in every version: who migrates a server's database


class StateError(Exception):
    """The state's database can't be used. One line: what happened, what to do; never a password."""


class State:
    """An open state database; threads may share it. Close it when done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, on SQLite the only one that writes; an error in the block rolls it back. StateError where the
        database refuses or stays locked."""
        with _told(self._engine.url), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction to read in. StateError as for ``write``."""
        with _told(self._engine.url), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def open_state(url: str, base: Path) -> State:
    """The state at that SQLAlchemy URL, its tables brought up to date; a SQLite file that is not there is made, for its
    owner alone. ``sqlite:///relative`` is relative to ``base``. Several processes may open the same at once.
    StateError for a URL that means nothing, a database that can't be opened, or one of a newer Scoreline."""
    address = _address(url, base)
    with _told(address):
        if address.get_backend_name() == "sqlite":
            _make_private_file(Path(address.database or ""))
        engine = _engine(address)
        try:
            if _version(engine) != _known_versions()[-1]:
                _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return State(engine)


@contextmanager
def _told(url: URL) -> Iterator[None]:
    """The driver's errors as ours."""
    where = url.render_as_string(hide_password=True)
    try:
        yield
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]
        raise StateError(
            f"The state database {where} refused: {told}. Check [state] url and who may write there."
        ) from error
    except OSError as error:
        raise StateError(f"The state database {where} can't be made: {error.strerror}.") from error


def _address(url: str, base: Path) -> URL:
    try:
        address = make_url(url)
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        raise StateError(
            "The [state] url is no database URL: write sqlite:///path or postgresql://user@host/name."
        ) from None
    if address.get_backend_name() != "sqlite":
        return address
    if not address.database or address.database == ":memory:":
        raise StateError("The [state] url names no file, and what was sent must be remembered: write sqlite:///path.")
    return address.set(database=str(base / address.database))


def _make_private_file(path: Path) -> None:
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives the files beside it the same mode


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        try:
            return create_engine(address, pool_pre_ping=True)
        except ImportError as error:
            raise StateError(f"The [state] url needs a driver that is not installed: {error.name}.") from error
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins no transaction by itself
        connection.execute("pragma journal_mode = wal")
        connection.execute(
            "pragma synchronous = full"
        )  # a claim must outlive a power cut, or its message goes out twice
        connection.execute("pragma foreign_keys = on")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _known_versions() -> list[str]:
    """The migrations of this version, oldest first, by their files: Alembic takes long to import."""
    return sorted(path.stem.partition("_")[0].lstrip("m") for path in (MIGRATIONS / "versions").glob("m[0-9]*.py"))


def _version(engine: Engine) -> str | None:
    with engine.begin() as connection:
        return _version_in(connection)


def _version_in(connection: Connection) -> str | None:
    """The migration the database is at, None for an empty one; StateError for one that is not ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    if version is not None and version not in _known_versions():
        raise StateError(
            f"The state database is at version {version}, and this Scoreline knows {_known_versions()[-1]}: "
            "use the newer Scoreline that made it, or restore the state from before."
        )
    return version


def _migrate(engine: Engine) -> None:
    """Upgrades in one transaction which others wait for; who had to wait finds nothing left to do."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        if _version_in(connection) != _known_versions()[-1]:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
