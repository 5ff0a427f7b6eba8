"""Keeps docs/ true: writes the parts of it that the code knows, and what its examples print.

    python .ci/generate_docs.py            writes them anew
    python .ci/generate_docs.py --check    fails where a page says something else than the code

Two things are written, all else is left as it stands:

- what stands between "<!-- generated: WHAT -->" and "<!-- end -->"; in a table the last column is kept, row by row: it
  is for people to write
- what follows the commands ("$ kpi ...") of a block marked "console": they are run, in their order and at a fixed
  time, on the little company whose files docs/data.md shows
- what follows the statements (">>> ...") of a block marked "pycon": they are run likewise, those of a page as one
  session, after a sync
"""

import dataclasses
import doctest
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import catalogue_pages
from catalogue_pages import coded

from bot import cli, scripting
from bot.config import blocks, load_config, settings
from bot.digests.contents import kpis_for
from bot.sync import SilentProgress, sync
from kpi.catalogue import CATALOGUE
from kpi.model import Cadence, ScopeType
from kpi.organisation import Organisation
from kpi.schema import TABLES, Column

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE_OF_EXAMPLE = DOCS / "data.md"

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
SYNCED_AT = datetime(2026, 11, 20, 16, 55, tzinfo=UTC)
SHOWN_FOLDER = "/home/ana/acme"
ENVIRONMENT = {"COLUMNS": "100", "HOME": "/home/ana"}  # no tokens: nothing here may talk to a Slack

AT_A_TIME = {
    *("ask", "check", "explain", "digest", "scorecard", "export"),
    *("targets set", "targets split", "targets suggest"),
}
OWN_BLOCKS = ("include", "exclude", "map", "demo", "onboarding")
SETTINGS: Mapping[str, type] = {
    "[organisation]": Organisation,
    "[store]": blocks.StoreBlock,
    "[state]": blocks.StateBlock,
    "[sync]": settings.SyncSettings,
    "[[source]]": blocks.FilesBlock,
    "hubspot": blocks.HubspotBlock,
    "[source.include]": blocks.IncludeBlock,
    "[source.exclude]": blocks.ExcludeBlock,
    "[source.demo]": blocks.DemoBlock,
    "[source.onboarding]": blocks.OnboardingBlock,
    "[[person]]": settings.PersonSettings,
    "[slack]": settings.SlackSettings,
    "[delivery]": settings.DeliverySettings,
    "[[digest]]": settings.DigestSettings,
    "[access]": settings.AccessSettings,
}

_GENERATED = re.compile(r"(<!-- generated: (?P<what>.+?) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
_CONSOLE = re.compile(r"(```console\n)(?P<body>.*?)(```)", re.DOTALL)
_SESSION = re.compile(r"(```pycon\n)(?P<body>.*?)(```)", re.DOTALL)
_FILE = re.compile(r"^`(?P<name>[\w./-]+)`:\n+```\w*\n(?P<text>.*?)```", re.DOTALL | re.MULTILINE)
_ROW = re.compile(r"^\| `(?P<key>[^`]+)` \|.*\| (?P<kept>[^|]*) \|$", re.MULTILINE)


def main() -> int:
    """Gives the exit status: 1 where a page is not as the code says."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    stale = []
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text("utf-8")
        current = generate(text)
        if current == text:
            continue
        stale.append(page)
        if "--check" not in sys.argv:
            page.write_text(current, "utf-8")
    for page in stale:
        print(f"docs/{page.name} {'is not as the code says: run make docs' if '--check' in sys.argv else 'written'}")
    return int("--check" in sys.argv and bool(stale))


def generate(text: str) -> str:
    """The page as it must be now."""
    text = _GENERATED.sub(lambda part: part[1] + _written(part["what"], part["body"]) + part[4], text)
    if "```console\n" in text:
        with example_company():
            text = _CONSOLE.sub(lambda block: block[1] + "".join(_replayed(block["body"])) + block[3], text)
    if "```pycon\n" in text:
        with example_company():
            run("kpi sync")
            names: dict[str, Any] = {}
            text = _SESSION.sub(lambda block: block[1] + "".join(_resaid(block["body"], names)) + block[3], text)
    return text


# What the code knows.


def _written(what: str, body: str) -> str:
    kind, _, of = what.partition(" ")
    lines = WRITERS[kind](of, {row["key"]: row["kept"] for row in _ROW.finditer(body)})
    return "".join(f"{line}\n" for line in lines)


def _columns_of(table: str, kept: Mapping[str, str]) -> Iterator[str]:
    yield "| column | type | what it is |"
    yield "|---|---|---|"
    for column in TABLES[table].columns:
        yield f"| `{column.name}` | {_type_of(column)} | {kept.get(column.name, '')} |"


def _type_of(column: Column) -> str:
    type_ = f"one of {', '.join(f'`{value}`' for value in column.values)}" if column.values else column.type.value
    if column.default is not None:
        type_ += f"; empty: {column.default}"
    return f"{type_}, **required**" if column.required else type_


def _keys_of(block: str, kept: Mapping[str, str]) -> Iterator[str]:
    yield "| key | default | what it is |"
    yield "|---|---|---|"
    for field in dataclasses.fields(SETTINGS[block]):
        if field.name not in OWN_BLOCKS:
            yield f"| `{field.name}` | {_default_of(field)} | {kept.get(field.name, '')} |"


def _default_of(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING:
        return "**required**"
    if field.default is None:
        return "none"
    return f"`{json.dumps(field.default)}`"


def _digests(_of: str, _kept: Mapping[str, str]) -> Iterator[str]:
    audiences = (ScopeType.REP, ScopeType.TEAM, ScopeType.COMPANY)
    yield "| digest | of a rep (scorecard) | of a team | of the company |"
    yield "|---|---|---|---|"
    for cadence in Cadence:
        held = (coded(kpi.id for kpi in kpis_for(cadence, audience, CATALOGUE)) for audience in audiences)
        yield f"| {cadence.value} | {' | '.join(held)} |"


def _commands(_of: str, _kept: Mapping[str, str]) -> Iterator[str]:
    yield "| command | does |"
    yield "|---|---|"
    for name, what in cli.COMMANDS.items():
        yield f"| [`kpi {name}`](#kpi-{name}) | {what} |"


def _json(question: str, _kept: Mapping[str, str]) -> Iterator[str]:
    """What a command prints as JSON; of each list of objects the first, since the others are alike."""
    with example_company():
        run("kpi sync")
        answer = json.loads(run(f"kpi {question} --json"), parse_float=Decimal)
    yield "```json"
    yield json.dumps(_shortened(answer), ensure_ascii=False, indent=2)
    yield "```"


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_shortened(value[0])]
    return value


WRITERS: Mapping[str, Callable[[str, Mapping[str, str]], Iterator[str]]] = {
    "columns": _columns_of,
    "keys": _keys_of,
    "catalogue": lambda _of, _kept: catalogue_pages.catalogue(),
    "catalogue-summary": lambda _of, _kept: catalogue_pages.catalogue_summary(),
    "relations": lambda _of, _kept: catalogue_pages.relations(),
    "relations-summary": lambda _of, _kept: catalogue_pages.relations_summary(),
    "digests": _digests,
    "commands": _commands,
    "json": _json,
}


# What examples print.


@contextmanager
def example_company() -> Iterator[None]:
    """The working folder is, until the block is left, one with the files that docs/data.md shows."""
    with tempfile.TemporaryDirectory(prefix="scoreline-docs-") as folder:
        for file in _FILE.finditer(PAGE_OF_EXAMPLE.read_text("utf-8")):
            path = Path(folder, file["name"])
            path.parent.mkdir(exist_ok=True)
            path.write_text(file["text"], "utf-8")
        with chdir(folder):
            yield


def _replayed(body: str) -> Iterator[str]:
    """The block's commands, each with what it prints now."""
    for line in body.splitlines():
        if line.startswith("$ "):
            yield f"{line}\n{run(line.removeprefix('$ '))}"


def run(command: str) -> str:
    """What a command prints, on either stream, in the working folder and at the time that the examples have."""
    _, name, *options = shlex.split(command)
    asked = name if name != "targets" else f"targets {options[0]}"
    if asked in AT_A_TIME and not {"--now", "--help"} & set(options):
        options += ["--now", NOW.isoformat()]
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            cli.main([name, *options])
        except SystemExit as ended:
            if ended.code == 1:
                raise RuntimeError(f"{command} met a defect: {printed.getvalue()}") from None
    if name == "sync" and "--help" not in options:
        config = load_config(Path("scoreline.toml").absolute(), ENVIRONMENT)
        sync(config, only=None, full=False, clock=lambda: SYNCED_AT, progress=SilentProgress())
    lines = printed.getvalue().replace(str(Path.cwd()), SHOWN_FOLDER).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines).rstrip("\n") + "\n"


def _resaid(body: str, names: dict[str, Any]) -> Iterator[str]:
    """The block's statements, each with what it prints now; ``names`` are those of the session."""
    for example in doctest.DocTestParser().get_examples(body):
        first, *more = example.source.splitlines()
        yield "".join(f"{line}\n" for line in (f">>> {first}", *(f"... {line}" for line in more)))
        printed = io.StringIO()
        with redirect_stdout(printed), _at_the_time():
            exec(compile(example.source, "<docs>", "single"), names)  # noqa: S102, the repository's own pages
        yield "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


@contextmanager
def _at_the_time() -> Iterator[None]:
    """Companies are opened at the time that the examples have."""
    open_now = scripting.open_company
    scripting.open_company = partial(open_now, now=NOW)
    try:
        yield
    finally:
        scripting.open_company = open_now


if __name__ == "__main__":
    sys.exit(main())
