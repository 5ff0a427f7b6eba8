"""What is noted about the tables of the writer's file that publishing made, and about those that it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import duckdb


@dataclass(frozen=True, slots=True)
class Made:
    """``recipe`` says of what a table was made, ``content`` names what came of it: another content, another name."""

    recipe: str
    content: str


def read_made(connection: duckdb.DuckDBPyConnection, database: str | None = None) -> Mapping[str, Made]:
    """What is noted, by table, in the writer's file or another attached one. Without an entry a table is to be made."""
    table = f"{database}.made" if database else "made"
    return {
        name: Made(recipe, content)
        for name, recipe, content in connection.execute(f"select name, recipe, content from {table}").fetchall()
    }


def note_made(connection: duckdb.DuckDBPyConnection, name: str, made: Made) -> None:
    forget_made(connection, name)
    connection.execute("insert into made values ($1, $2, $3)", [name, made.recipe, made.content])


def forget_made(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Has the table made anew, or read as if all of it had changed."""
    connection.execute("delete from made where name = $1", [name])


def digest(value: object) -> str:
    """A short name for a value made of plain ones, the same in every process."""
    return sha256(repr(value).encode()).hexdigest()
