"""``kpi catalogue``: every KPI, and whether this CRM supplies what it needs."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from bot.cli.options import common, json_option, load, print_json
from bot.config import ConfigError
from bot.question import QuestionError
from bot.targets import stated_targets
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.engines.base import StoreError
from kpi.inputs import missing_input, read_supplied
from kpi.model import Kpi, ScopeType
from kpi.plan import define

_WIDEST = 120
_NARROWEST = 60
_LABEL = 11  # characters, with the blanks behind it
_ORDER = ("weekly", "monthly", "quarterly")

Entry = Mapping[str, Any]


@click.command(
    "catalogue",
    epilog="Examples: kpi catalogue · kpi catalogue winrate · kpi catalogue ltv cac --json",
)
@click.argument("names", nargs=-1, metavar="[KPI]...")
@json_option
@common
def command(*, names: tuple[str, ...], as_json: bool, config_path: str | None) -> None:
    """List every KPI: what it is, its formula, what it needs, and whether this CRM supplies that.

    With a KPI, by id or name: that one in full, with its variants, what is told beside it and what makes it doubtful.
    """
    kpis, supplied, unknown = _known(config_path)
    entries = [_entry(kpi, kpis, supplied) for kpi in (_chosen(names, kpis) if names else kpis.values())]
    if as_json:
        print_json(entries)
        return
    if names:
        for entry in entries:
            _print_in_full(entry)
    else:
        _print_overview(entries)
    if unknown:
        click.echo(f"Whether the inputs are there is not known: {unknown}")


def _known(config_path: str | None) -> tuple[Mapping[str, Kpi], Mapping[str, int] | None, str]:
    """The KPIs, and what is supplied, or None and why that is not known: the catalogue can be read without a store, and
    the built-in one without a configuration."""
    try:
        config = load(config_path)
    except ConfigError as error:
        return CATALOGUE, None, str(error)
    try:
        engine = open_engine(config.store_url, config.base)
    except StoreError as error:
        return config.catalogue, None, str(error)
    try:
        return config.catalogue, read_supplied(engine, stated_targets(config)), ""
    finally:
        engine.close()


def _chosen(names: Sequence[str], kpis: Mapping[str, Kpi]) -> Sequence[Kpi]:
    """The KPIs of these ids or names; all words together may be one name. QuestionError for one that is none."""
    from bot.question.asked import Vocabulary
    from bot.question.words import echo, fold, read_words

    vocabulary = Vocabulary(tuple(kpis.values()))

    def find(said: str) -> Kpi | None:
        words = read_words(said)
        found = vocabulary.read_kpi(words) if words else None
        return found[0].kpi if found and found[1] == len(words) else None

    together = find(" ".join(names))
    if together:
        return [together]
    chosen: dict[str, Kpi] = {}
    for name in names:
        kpi = find(name)
        if kpi is None:
            near = vocabulary.nearest(fold(name))
            advice = f"Did you mean {near[0]}?" if near else '"kpi catalogue" lists all.'
            raise QuestionError(f"There is no KPI {echo(name, 40)}. {advice}")
        chosen[kpi.id] = kpi
    return list(chosen.values())


def _entry(kpi: Kpi, kpis: Mapping[str, Kpi], supplied: Mapping[str, int] | None) -> dict[str, Any]:
    return {
        "kpi": kpi.id,
        "name": kpi.name,
        "better": kpi.better.value,
        "cadence": kpi.cadence.value,
        "by": list(kpi.dimensions),
        "scopes": [scope.value for scope in kpi.scopes],
        **_definition(kpi, None, kpis, supplied),
        "variants": [
            {"variant": variant.name, **_definition(kpi, variant.name, kpis, supplied)} for variant in kpi.variants
        ],
        "names": {language: list(names) for language, names in kpi.names.items()},
        "source": kpi.source,
        "redefined": kpi.redefined,
    }


def _definition(
    kpi: Kpi, variant_name: str | None, kpis: Mapping[str, Kpi], supplied: Mapping[str, int] | None
) -> dict[str, Any]:
    definition = define(kpi, variant_name, kpis)
    said = kpi.variant(variant_name) or kpi
    missing = missing_input(definition.needs, supplied) if supplied is not None else None
    return {
        "unit": definition.unit.value,
        "definition": said.what,
        "formula": said.formula,
        "inputs": list(definition.needs),
        "supplied": None if supplied is None else missing is None,
        "missing": missing,
        "extras": {name: extra.unit.value for name, extra in definition.extras.items()},
        "notes": [doubt.text.format(n="N", key="XXX") for doubt in definition.doubts],
    }


def _print_overview(entries: Sequence[Entry]) -> None:
    """By cadence, each KPI in some lines."""
    for cadence, group in groupby(sorted(entries, key=_position), key=lambda entry: entry["cadence"]):
        click.echo(f"{cadence.capitalize()}\n")
        for entry in group:
            _print_heading(entry)
            _print_definition(entry)
            _print_words("by", entry["by"])
            _print_words("variants", [variant["variant"] for variant in entry["variants"]])
            click.echo()
    click.echo('"kpi catalogue KPI" tells one in full.')


def _position(entry: Entry) -> int:
    return _ORDER.index(entry["cadence"])


def _print_in_full(entry: Entry) -> None:
    _print_heading(entry)
    _print_definition(entry)
    _print_words("by", entry["by"])
    if len(entry["scopes"]) < len(ScopeType):
        _print_words("only for", entry["scopes"])
    _print_details(entry)
    _print_words("also", [name for names in entry["names"].values() for name in names])
    _print_words("source", [entry["source"]])
    for variant in entry["variants"]:
        click.echo(f"\n  {entry['kpi']} {variant['variant']} ({variant['unit']})")
        _print_definition(variant)
        _print_details(variant)
    click.echo()


def _print_heading(entry: Entry) -> None:
    own = ", as your configuration defines it" if entry["redefined"] else ""
    click.echo(f"{entry['kpi']} · {entry['name']} ({entry['unit']}, better: {entry['better']}{own})")


def _print_definition(part: Entry) -> None:
    _print_words("is", [part["definition"]])
    _print_words("formula", [part["formula"]])
    _print_words("needs", [need.replace("|", " or ") for need in part["inputs"]])
    if part["missing"]:
        _print_words("lacks", [f"{part['missing'].replace('|', ' or ')}, which was never supplied: it has no value"])


def _print_details(part: Entry) -> None:
    _print_words("tells also", [f"{name} ({unit})" for name, unit in part["extras"].items()])
    for note in part["notes"]:
        _print_words("may note", [note])


def _print_words(label: str, words: Sequence[str]) -> None:
    """A line of words after a label, wrapped; nothing where there are none."""
    if words:
        width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
        head, indent = f"  {label:<{_LABEL}}", " " * (_LABEL + 2)
        click.echo(textwrap.fill(", ".join(words), width, initial_indent=head, subsequent_indent=indent))
