"""``kpi catalogue``: every KPI, and whether this CRM supplies what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from bot.cli.options import common, json_option, load, print_json
from bot.config import ConfigError
from kpi.catalogue import CATALOGUE
from kpi.compute import missing_input, read_supplied
from kpi.engines import open_engine
from kpi.engines.base import StoreError
from kpi.model import Kpi, Variant


@click.command("catalogue", epilog="Examples: kpi catalogue · kpi catalogue --json")
@json_option
@common
def command(*, as_json: bool, config_path: str | None) -> None:
    """List every KPI: what it is, its formula, what it needs, and whether this CRM supplies that."""
    kpis, supplied, unknown = _known(config_path)
    entries = [_entry(kpi, supplied) for kpi in kpis.values()]
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        _print(entry)
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
        return config.catalogue, read_supplied(engine), ""
    finally:
        engine.close()


def _entry(kpi: Kpi, supplied: Mapping[str, int] | None) -> dict[str, Any]:
    return {
        "kpi": kpi.id,
        "name": kpi.name,
        "unit": kpi.unit.value,
        "better": kpi.better.value,
        "cadence": kpi.cadence.value,
        "by": list(kpi.dimensions),
        **_definition(kpi, supplied),
        "variants": [{"variant": variant.name, **_definition(variant, supplied)} for variant in kpi.variants],
        "source": kpi.source,
        "redefined": kpi.redefined,
    }


def _definition(part: Kpi | Variant, supplied: Mapping[str, int] | None) -> dict[str, Any]:
    missing = missing_input(part.needs, supplied) if supplied is not None else None
    return {
        "definition": part.what,
        "formula": part.formula,
        "inputs": list(part.needs),
        "supplied": None if supplied is None else missing is None,
        "missing": missing,
    }


def _print(entry: Mapping[str, Any]) -> None:
    click.echo(f"{entry['kpi']} · {entry['name']} ({entry['unit']}, better: {entry['better']}, {entry['cadence']})")
    _print_definition(entry)
    click.echo(f"  by       {', '.join(entry['by'])}")
    for variant in entry["variants"]:
        click.echo(f"  variant  {entry['kpi']} {variant['variant']}")
        _print_definition(variant, indent="    ")
    click.echo()


def _print_definition(part: Mapping[str, Any], indent: str = "  ") -> None:
    click.echo(f"{indent}is       {part['definition']}")
    click.echo(f"{indent}formula  {part['formula']}")
    needs = ", ".join(need.replace("|", " or ") for need in part["inputs"])
    lacks = f" (not supplied: {part['missing']})" if part["missing"] else ""
    click.echo(f"{indent}needs    {needs}{lacks}")
