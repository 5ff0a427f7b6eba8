"""Filters that meet nothing: a slip of the pen would leave everything out, or nothing, in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.globs import globs_regex
from connectors.hubspot.translation.deal_core import deal_type
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import literal, quoted
from connectors.suggestion import did_you_mean

# Where names are looked for, as in left_out: the table and column of the schema, the object and its property.
_NAMED = (
    ("deals", "name", "deals", "dealname"),
    ("accounts", "name", "companies", "name"),
    ("leads", "email", "contacts", "email"),
)


def filter_notices(run: Run) -> list[str]:
    """One line for each kind of filter, or value, that meets nothing."""
    filters = run.filters
    pipelines, types = _pipelines(run), _types(run) if filters.types else []
    return [
        *_owners(run),
        *_unmet("pipeline", "include", filters.pipelines, pipelines),
        *_unmet("type", "include", filters.types, types),
        *_unmet("pipeline", "exclude", filters.excluded_pipelines, pipelines),
        *(
            f'No deal, account or lead is called "{glob}", which [source.exclude] names says.'
            for glob in filters.excluded_names
            if not _is_met(run, glob)
        ),
    ]


def _owners(run: Run) -> Iterator[str]:
    emails = {email.strip().casefold() for email in run.filters.excluded_owners}
    if not emails:
        return
    known = {email for (email,) in run.rows("select lower(trim(email)) from owners")}
    if unmet := len(emails - known):
        yield f"{unmet} of the {len(emails)} emails in [source.exclude] owners are nobody's."


def _pipelines(run: Run) -> list[str]:
    """Labels and ids of those pipelines that any deal is in."""
    filters = run.filters
    if not filters.pipelines and not filters.excluded_pipelines:
        return []
    id_ = run.prop("deals", "pipeline", "d")
    label = run.value("deals", "pipeline", "deals", "d", f"coalesce(p.label, {id_})")
    rows = run.rows(
        f"select distinct {label}, {id_} from deals d "
        f"left join {run.named('pipelines')} p on p.object = 'deals' and p.id = {id_}"
    )
    return [name for row in rows for name in row if name]


def _types(run: Run) -> list[str]:
    type_ = run.value("deals", "type", "deals", "d", deal_type(run))
    return [name for (name,) in run.rows(f"select distinct {type_} from deals d") if name]


def _unmet(column: str, block: str, named: Sequence[str], met: Sequence[str]) -> Iterator[str]:
    folded = {name.strip().casefold() for name in met}
    for value in named:
        if value.strip().casefold() not in folded:
            meant = did_you_mean(value, list(dict.fromkeys(met)))
            yield f'No deal has the {column} "{value}", which [source.{block}] names; {meant}'


def _is_met(run: Run, glob: str) -> bool:
    pattern = literal(globs_regex([glob]))
    for table, column, object_name, property_ in _NAMED:
        name = run.value(table, column, object_name, "r", run.prop(object_name, property_, "r"))
        where = f"regexp_full_match(trim({name}), {pattern})"
        if run.rows(f"select 1 from {quoted(object_name)} r where {where} limit 1"):
            return True
    return False
