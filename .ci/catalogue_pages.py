"""What docs/kpis.md and docs/relations.md say of the code: every KPI with its SQL, every relation."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import cleandoc

from kpi.catalogue import CATALOGUE
from kpi.formulas import AgainstTarget, Before, Derived, Formula, Growth, Median, Ratio, Total
from kpi.model import Cadence, Combine, Doubt, Extra, HeldAt, Kpi, Measure, ScopeType, Variant
from kpi.plan import define
from kpi.relations import RELATIONS, Relation

PERIODS = {Cadence.WEEKLY: "week", Cadence.MONTHLY: "month", Cadence.QUARTERLY: "quarter"}
LANGUAGES = {"en": "English", "zh": "Chinese", "ja": "Japanese", "ru": "Russian", "vi": "Vietnamese"}
PLACES = {ScopeType.COMPANY: "the company", ScopeType.TEAM: "teams", ScopeType.REP: "reps"}

NOT_SUMMED = {
    Combine.SUM: "",
    Combine.MAX: "; of a team the largest of its reps'",
    Combine.WHOLE: "; of a team counted as a whole, not summed over its reps",
}


def coded(words: Iterable[str], between: str = ", ") -> str:
    """Words as code, in a cell of a table."""
    return between.join(f"`{_in_cell(word)}`" for word in words)


def catalogue_summary() -> Iterator[str]:
    """All KPIs, a line each."""
    yield "| KPI | name | unit | better | default period | by |"
    yield "|---|---|---|---|---|---|"
    for kpi in CATALOGUE.values():
        cells = (kpi.name, kpi.unit.value, kpi.better.value, _default_period(kpi), coded(kpi.dimensions))
        yield f"| [`{kpi.id}`](#{_anchor(f'{kpi.id}: {kpi.name}')}) | {' | '.join(cells)} |"


def catalogue() -> Iterator[str]:
    """All KPIs, a section each."""
    for kpi in CATALOGUE.values():
        yield from ("", f"### `{kpi.id}`: {kpi.name}", "", kpi.what, "", "| | |", "|---|---|")
        yield from _formula(kpi)
        yield f"| unit | {kpi.unit.value}, better: {kpi.better.value} |"
        yield f"| default period | the {_default_period(kpi)} |"
        yield from _of_kpi(kpi)
        yield from (f"| {name} | {words} |" for name, words in _details(kpi, None).items() if words)
        yield f"| other names | {_names(kpi.names)} |"
        yield f"| source | {kpi.source} |"
        for variant in kpi.variants:
            yield from _variant(kpi, variant)
        if kpi.measures:
            yield from _measures(kpi.measures)
    yield ""


def relations_summary() -> Iterator[str]:
    """All relations, a line each."""
    yield "| relation | a row is of | broken down by |"
    yield "|---|---|---|"
    for relation in RELATIONS:
        of = _table(relation.record[0]) if relation.record else "a rep"
        yield f"| [`{relation.name}`](#{relation.name}) | {of} | {coded(relation.dimensions)} |"


def relations() -> Iterator[str]:
    """All relations, a section each."""
    for relation in RELATIONS:
        yield from ("", f"### `{relation.name}`", "", relation.what, "", "| | |", "|---|---|")
        yield f"| columns | {coded(relation.columns)} |"
        if relation.dimensions:
            origins = (f"`{name}` ({coded(from_.split('|'), ' or ')})" for name, from_ in relation.dimensions.items())
            yield f"| dimensions | {', '.join(origins)} |"
        if relation.record:
            table, column = relation.record
            yield f"| record | `{column}` is the id of a row of {_table(table)} |"
        yield f"| made | {_made(relation)} |"
        yield from ("", "```sql", cleandoc(relation.sql), "```")
    yield ""


def _table(name: str) -> str:
    return f"[`{name}`](data.md#{name})"


def _made(relation: Relation) -> str:
    if not relation.kept:
        return "when it is read: a view"
    order = f", in the order of `{relation.ordered_by}`" if relation.ordered_by else ""
    return f"when a snapshot is published{order}"


def _default_period(kpi: Kpi) -> str:
    return f"{'running' if kpi.default_is_running else 'last finished'} {PERIODS[kpi.cadence]}"


def _of_kpi(kpi: Kpi) -> Iterator[str]:
    """What holds for the KPI and all its variants."""
    yield f"| by | {coded(kpi.dimensions) or 'nothing'} |"
    if len(kpi.scopes) < len(ScopeType):
        yield f"| told for | {' and '.join(PLACES[scope] for scope in kpi.scopes)} only |"
    if not kpi.ranked:
        yield "| ranking | none: people are not put in order by it |"
    if kpi.benchmark_periods:
        yield f"| benchmark | the mean of the {kpi.benchmark_periods} periods before |"
    if kpi.default_variant:
        yield f"| variant | `{kpi.id} {kpi.default_variant}` is another way to write `{kpi.id}` |"
    if kpi.without:
        table, variant = kpi.without
        yield f"| without `{table}` | it is `{kpi.id} {variant}` |"


def _variant(kpi: Kpi, variant: Variant) -> Iterator[str]:
    yield from ("", f"**Variant `{kpi.id} {variant.name}`**: {variant.what}", "", "| | |", "|---|---|")
    yield from _formula(variant)
    better = f", better: {variant.better.value}" if variant.better else ""
    yield f"| unit | {variant.unit.value}{better} |"
    own = _details(kpi, None)
    for name, words in _details(kpi, variant.name).items():
        if words != own[name]:
            yield f"| {name} | {words or 'nothing'} |"
    if variant.names:
        yield f"| other names | {_names(variant.names)} |"


def _formula(part: Kpi | Variant) -> Iterator[str]:
    """In words, and over the measures where it is not a rule of its own."""
    yield f"| formula | {part.formula} |"
    if not isinstance(part.value, Derived):
        yield f"| computed as | {_computed(part.value)} |"


def _details(kpi: Kpi, variant: str | None) -> Mapping[str, str]:
    """What the KPI's own formula, or a variant's, needs and tells beside its value; empty where there is nothing."""
    definition = define(kpi, variant, CATALOGUE)
    return {
        "told beside it": "; ".join(_extra(kpi, *extra) for extra in definition.extras.items()),
        "needs": ", ".join(coded(need.split("|"), " or ") for need in definition.needs),
        "notes": "; ".join(map(_doubt, definition.doubts)),
    }


def _extra(kpi: Kpi, name: str, extra: Extra) -> str:
    beside_lines = ", beside each line too" if name in kpi.line_extras else ""
    computed = f"`{name}`" if isinstance(extra.value, Derived) else _computed(extra.value)
    named = computed if computed == f"`{name}`" else f"`{name}` = {computed}"
    return f"{named} ({extra.unit.value}{beside_lines})"


def _doubt(doubt: Doubt) -> str:
    return doubt.text.format(n="N", key="XXX")


def _names(names: Mapping[str, Iterable[str]]) -> str:
    return "; ".join(f"{LANGUAGES[lang]}: {', '.join(words)}" for lang, words in names.items() if words)


def _computed(formula: Formula | AgainstTarget) -> str:
    """A formula over the names of measures."""
    return _FORMULAS[type(formula)](formula)


def _over(per: int) -> str:
    return f" / {per:,}" if per != 1 else ""


_FORMULAS: Mapping[type, Callable[..., str]] = {
    Total: lambda total: f"`{total.measure}`{_over(total.per)}",
    Ratio: lambda ratio: (
        f"`{ratio.numerator}` / `{ratio.denominator}`{' of the whole' if ratio.of_whole else ''}{_over(ratio.per)}"
    ),
    Median: lambda median: f"`{median.middles}` / {2 * median.per:,}",
    Growth: lambda growth: f"(`{growth.measure}` - that of the period before) / that of the period before",
    Before: lambda before: f"{_computed(before.formula)} of the period before",
    AgainstTarget: lambda against: f"`{against.kpi}` / its target",
}


def _measures(measures: Mapping[str, Measure]) -> Iterator[str]:
    yield from ("", "| measure | of | SQL |", "|---|---|---|")
    for name, measure in measures.items():
        relation = f"[`{measure.relation}`](relations.md#{measure.relation})"
        yield f"| `{name}` | {relation}{_when(measure)} | {_sql(measure)} |"


def _when(measure: Measure) -> str:
    """Which records count."""
    held = {None: "", HeldAt.START: " as they are at the start", HeldAt.END: " as they are at the end"}[measure.held_at]
    return f"{held} by `{measure.dated_by}`" if measure.dated_by else held


def _sql(measure: Measure) -> str:
    expression = coded([measure.expression])
    if measure.per:
        each = ", ".join(f"`{name}` = {coded([aggregate])}" for name, aggregate in measure.each)
        expression += f" over the groups by {coded(measure.per)}{f', with {each}' if each else ''}"
    if measure.in_own_currency:
        expression += ", converted at the rate of the day"
    if measure.if_rated:
        expression += ", where there is a rate of the day"
    return expression + NOT_SUMMED[measure.combine]


def _in_cell(text: str) -> str:
    return text.replace("|", r"\|")


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
