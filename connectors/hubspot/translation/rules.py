"""The filters of ``[source.include]`` and ``[source.exclude]`` as conditions in SQL; what they mean stands in
connectors.files.left_out."""

from __future__ import annotations

from connectors.globs import globs_regex
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import listed, literal
from connectors.mapping import Filters


def names_fit(run: Run, sql: str) -> str:
    """Whether a name is one of ``[source.exclude] names``."""
    globs = run.filters.excluded_names
    return f"coalesce(regexp_full_match(trim({sql}), {literal(globs_regex(globs))}), false)" if globs else "false"


def owner(run: Run, sql: str) -> str:
    """Whether it is the id of an excluded owner."""
    emails = run.filters.excluded_owners
    if not emails:
        return "false"
    owners = run.once(
        "left_owners",
        "select cast(id as varchar) as id from owners "
        f"where lower(trim(email)) in ({listed([email.strip().casefold() for email in emails])})",
    )
    return f"coalesce(trim({sql}) in (select id from {owners}), false)"


def any_filter(filters: Filters) -> bool:
    return filters != Filters()


def any_of_leads(run: Run) -> bool:
    return bool(run.filters.excluded_domains or run.filters.excluded_names)


def any_of_deals(run: Run) -> bool:
    filters = run.filters
    by_value = filters.pipelines or filters.types or filters.excluded_pipelines or filters.excluded_owners
    return any_of_leads(run) or bool(by_value)


def accounts(run: Run, ids: str) -> str:
    """``id`` as text: those companies among the ``account_id`` of a relation that are left out by their name."""
    name = run.value("accounts", "name", "companies", "c", run.prop("companies", "name", "c"))
    return run.step(
        "select cast(c.id as varchar) as id from companies c "
        f"where c.id in (select try_cast(account_id as bigint) from {ids}) and {names_fit(run, name)}"
    )


def account(run: Run, relation: str, alias: str) -> str:
    """Whether the ``account_id`` of a row of the relation is left out."""
    if not run.filters.excluded_names:
        return "false"
    return f"coalesce(trim({alias}.account_id) in (select id from {accounts(run, relation)}), false)"


def lead(run: Run, relation: str, alias: str) -> str:
    """Whether a row of leads (with ``_email``, the contact's) is left out by its address or its account."""
    if not any_of_leads(run):
        return "false"
    fits = [names_fit(run, f"{alias}._email"), account(run, relation, alias)]
    domain = f"'.' || lower(trim(regexp_extract({alias}._email, '@([^@]*)$', 1)))"
    for ending in run.filters.excluded_domains:
        end = literal("." + ending.strip().casefold().lstrip("@."))
        fits.append(f"coalesce(contains({alias}._email, '@') and suffix({domain}, {end}), false)")
    return f"({' or '.join(fits)})"


def unwanted_deal(run: Run) -> str:
    """Whether a deal (alias ``d``, as deal_core gives it) is left out by its owner, pipeline or type."""
    filters = run.filters
    reasons = [owner(run, "d.owner_id")]
    if filters.pipelines:
        reasons.append(f"not {_in_pipelines(filters.pipelines)}")
    if filters.excluded_pipelines:
        reasons.append(_in_pipelines(filters.excluded_pipelines))
    if filters.types:
        reasons.append(f"coalesce(lower(trim(d.type)), '') not in ({listed(_folded(filters.types))})")
    return f"({' or '.join(reasons)})"


def _in_pipelines(named: tuple[str, ...]) -> str:
    """A pipeline is named by its label or its id."""
    names = listed(_folded(named))
    return f"(coalesce(lower(trim(d.pipeline)), '') in ({names}) or coalesce(lower(d.pipeline_id), '') in ({names}))"


def _folded(values: tuple[str, ...]) -> list[str]:
    return [value.strip().casefold() for value in values]
