"""The documentation says all there is, and nothing that is not so."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

from bot.cli import COMMANDS
from bot.config import load_config
from bot.config.blocks import SOURCE_BLOCKS, Document
from bot.playground.faults import Fault
from bot.slack_check import needed_scopes
from connectors.mapping import FieldMap, TableMap
from kpi.catalogue import CATALOGUE
from kpi.frames import COLUMNS
from kpi.relations import RELATIONS
from kpi.schema import TABLES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "bot" / "templates" / "README.md"]

# How a mapping writes what the parts of FieldMap and TableMap hold.
WRITTEN = {"columns": "column", "formats": "format", "fields": "[source.map.TABLE]"}


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def sections(name: str) -> dict[str, str]:
    """The page's sections of the second level, by their headings."""
    _, *parts = re.split(r"^## (.*)$", page(name), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def blocks(language: str) -> list[object]:
    """The code blocks in that language, each under the place where it stands."""
    found = []
    for path in PAGES:
        text = path.read_text("utf-8")
        for block in re.finditer(rf"^ *```{language}\n(.*?)```", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, block.start()) + 1
            found.append(pytest.param(block[1], id=f"{path.relative_to(ROOT)}:{line}"))
    return found


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_is_generated_and_what_examples_print_is_current() -> None:
    check = [sys.executable, str(ROOT / ".ci" / "generate_docs.py"), "--check"]
    ended = subprocess.run(check, capture_output=True, text=True, timeout=100, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_all_its_options(name: str) -> None:
    command: click.Command = import_module(f"bot.cli.{name}").command
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("-")]
    section = sections("commands.md")[f"`kpi {name}`"]
    assert [option for option in options if not re.search(rf"{option}\b", section)] == []


def test_every_key_of_the_configuration_is_described() -> None:
    text = page("configuration.md")
    shapes = [field.type for field in dataclasses.fields(Document)]
    nested = [shape if dataclasses.is_dataclass(shape) else shape.__args__[0] for shape in shapes]
    keys = [field.name for shape in (*nested, *SOURCE_BLOCKS.values()) for field in dataclasses.fields(shape)]
    parts = [field.name for shape in (FieldMap, TableMap) for field in dataclasses.fields(shape)]
    wanted = {*keys, *(WRITTEN.get(part, part) for part in parts)}
    assert {key for key in wanted if not re.search(rf"[`.\[]{re.escape(key.strip('[]'))}\b", text)} == set()


def test_every_table_and_kpi_has_a_section() -> None:
    assert [name for name in TABLES if f"### `{name}`\n" not in page("data.md")] == []
    assert [kpi for kpi in CATALOGUE if f"### `{kpi}`: " not in page("kpis.md")] == []


def test_every_relation_has_a_section_and_says_what_it_is() -> None:
    assert [each.name for each in RELATIONS if f"### `{each.name}`\n\n{each.what}\n" not in page("relations.md")] == []
    assert [each.name for each in RELATIONS if not each.what] == []


def test_every_measure_of_a_kpi_stands_in_its_section_with_its_sql() -> None:
    sections = dict(re.findall(r"^### `(\w+)`: (.*?)(?=^### |\Z)", page("kpis.md"), re.DOTALL | re.MULTILINE))
    for kpi in CATALOGUE.values():
        for name, measure in kpi.measures.items():
            row = next(line for line in sections[kpi.id].splitlines() if line.startswith(f"| `{name}` |"))
            assert f"[`{measure.relation}`](relations.md#{measure.relation})" in row
            assert measure.expression in row.replace(r"\|", "|")


def test_the_columns_of_an_answer_as_a_frame_are_explained() -> None:
    section = sections("scripting.md")["Answers"]
    assert [column for column in COLUMNS if f"`{column}`" not in section] == []


def test_every_row_of_a_table_of_columns_or_keys_says_what_it_is() -> None:
    rows = [line for name in ("data.md", "configuration.md") for line in page(name).splitlines()]
    assert [row for row in rows if re.fullmatch(r"\| `.*\|\s*\|", row)] == []


def test_every_scope_of_the_app_is_explained() -> None:
    section = sections("slack.md")["What the app may do"]
    assert set(re.findall(r"`([a-z]+:[a-z.]+|commands)`", section)) == {*needed_scopes(), "connections:write"}


def test_every_fault_of_the_loopback_slack_is_described() -> None:
    assert [fault.name for fault in Fault if f"`{fault.name}`" not in sections("design.md")["Slack on loopback"]] == []


def test_every_library_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    used = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in project["dependencies"]}
    rows = re.findall(r"^\| ([a-z0-9, -]+) \| ", sections("design.md")["Libraries"], re.MULTILINE)
    assert {name for row in rows for name in row.split(", ")} - {"library"} == used


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if "://" not in link and not (target.is_file() and (not anchor or anchor in anchors(target))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("toml", blocks("toml"))
def test_examples_of_the_configuration_load(toml: str, tmp_path: Path) -> None:
    file = tmp_path / "scoreline.toml"
    file.write_text(toml, "utf-8")
    assert load_config(file, {}).sources


@pytest.mark.parametrize("text", blocks("json"))
def test_examples_of_json_can_be_read(text: str) -> None:
    assert json.loads(text)
