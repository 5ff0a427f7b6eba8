"""Finds ``scoreline.toml`` and loads it."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bot.config.blocks import Document, FilesBlock, HubspotBlock, SourceBlock
from bot.config.errors import ConfigError, Place
from bot.config.rules import WEEKDAYS
from bot.config.secrets import Secrets, refuse_secrets, without_secrets
from bot.config.settings import CapacitySettings, Config, DigestSettings, SendTime
from bot.config.walking import read_block
from connectors.base import MappingError
from connectors.mapping import ActivityRule, Filters, SourceSettings, TableMap, parse_table_map
from kpi.model import Kpi
from kpi.own import OwnKpi

T = TypeVar("T")

FILE_NAME = "scoreline.toml"
_MONDAY = SendTime(9, 0, weekday=WEEKDAYS.index("monday"))
_FIRST_BUSINESS_DAY = SendTime(9, 0, business_day=1)


def find_config(given: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Where the configuration is: the ``--config`` given, else SCORELINE_CONFIG, else the working folder's own file.
    It need not exist."""
    return cwd / Path(given or environ.get("SCORELINE_CONFIG") or FILE_NAME).expanduser()


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration of that file, checked, with secrets to be had from the environment. Raises ConfigError."""
    at = Place(path.name)
    raw = _parsed(path, at)
    refuse_secrets(raw, at)
    document = read_block(Document, raw, at)
    file = path.absolute()
    base = file.parent
    return Config(
        file=file,
        base=base,
        organisation=document.organisation,
        store_url=_based(document.store.url, base),
        state_url=_based(document.state.url, base),
        sources=_sources(document.source, base, at),
        sync=document.sync,
        people=_unique(document.person, "email", "person", at),
        slack=replace(document.slack, api_url=document.slack.api_url.rstrip("/") + "/"),
        delivery=document.delivery,
        digests=_digests(document.digest, at),
        access=document.access,
        capacity=document.capacity,
        ranking=document.ranking,
        kpis=_own_kpis(document.kpi, document.capacity, at),
        secrets=Secrets(environ),
        record_urls={each.name or each.type: each.record_url for each in document.source if each.record_url},
    )


def _parsed(path: Path, at: Place) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration at {path}: write one that names a [[source]] (type and path), "
            "name another with --config, or try `kpi demo`."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): name another file with --config.") from None
    except UnicodeDecodeError:
        raise at.error("is not UTF-8 text: save it as UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise at.error(f"is not TOML: {without_secrets(str(error))}.") from None


def _sources(blocks: tuple[SourceBlock, ...], base: Path, at: Place) -> tuple[SourceSettings, ...]:
    if not blocks:
        raise at.error('names no source: add a block [[source]] with type = "files" and path = "FOLDER".')
    named = tuple(replace(block, name=block.name or block.type) for block in blocks)
    _unique(named, "name", "source", at)
    return tuple(_source(block, base, at.under("source", entry=entry)) for entry, block in enumerate(named, start=1))


def _source(block: SourceBlock, base: Path, at: Place) -> SourceSettings:
    settings = SourceSettings(
        name=block.name or block.type,
        type=block.type,
        path=base / block.path if isinstance(block, FilesBlock) else None,
        filters=Filters(
            pipelines=block.include.pipelines,
            types=block.include.types,
            excluded_owners=block.exclude.owners,
            excluded_domains=block.exclude.domains,
            excluded_pipelines=block.exclude.pipelines,
            excluded_names=block.exclude.names,
        ),
        maps={
            table: _table_map(table, raw, at, of_files=isinstance(block, FilesBlock))
            for table, raw in block.map.items()
        },
    )
    return _with_crm(settings, block) if isinstance(block, HubspotBlock) else settings


def _with_crm(settings: SourceSettings, block: HubspotBlock) -> SourceSettings:
    return replace(
        settings,
        api_url=block.api_url.rstrip("/"),
        api_version=block.api_version,
        env_prefix=block.env_prefix,
        share=block.share,
        demo=ActivityRule(block.demo.types, block.demo.titles),
        onboarding=ActivityRule(block.onboarding.types, block.onboarding.titles),
    )


def _table_map(table: str, raw: Any, at: Place, *, of_files: bool) -> TableMap:
    try:
        return parse_table_map(table, raw, of_files=of_files)
    except MappingError as error:
        raise at.error(str(error)) from None


def _digests(blocks: tuple[DigestSettings, ...], at: Place) -> tuple[DigestSettings, ...]:
    _unique(blocks, "id", "digest", at)
    for entry, block in enumerate(blocks, start=1):
        if block.at and (block.at.weekday is None) == (block.cadence == "weekly"):
            example = "monday 09:00" if block.cadence == "weekly" else "business day 1 09:00"
            place = at.under("digest", entry=entry).under("at")
            raise place.error(f"a {block.cadence} digest goes out on a day like '{example}'.")
    return tuple(
        replace(block, at=block.at or (_MONDAY if block.cadence == "weekly" else _FIRST_BUSINESS_DAY))
        for block in blocks
    )


def _own_kpis(blocks: tuple[OwnKpi, ...], capacity: CapacitySettings, at: Place) -> tuple[Kpi, ...]:
    _unique(blocks, "id", "kpi", at)
    if not blocks:
        return ()
    from bot.config.catalogue import define_kpis

    return define_kpis(blocks, capacity, at)


def _unique(blocks: tuple[T, ...], key: str, block: str, at: Place) -> tuple[T, ...]:
    counts = Counter(str(getattr(entry, key)).casefold() for entry in blocks)
    twice = [value for value, count in counts.items() if count > 1]
    if twice:
        raise at.error(f"two [[{block}]] blocks have the {key} {twice[0]!r}: give each its own {key}.")
    return blocks


def _based(url: str, base: Path) -> str:
    """A database URL with the path of its file absolute; one of a server as it is."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("postgresql") or rest == "/:memory:":
        return url
    return f"{scheme}:///{base / rest.removeprefix('/')}"
