"""What is said of a question that is not understood: what it was, and the nearest thing to write."""

import difflib
from collections.abc import Sequence

from bot.question import versus, when, who
from bot.question.asked import Vocabulary
from bot.question.who import Roster
from bot.question.words import Kind, QuestionError, Word, echo, fold
from kpi.model import Kpi

_SUGGESTED = 3
_NOTHING_BY_ITSELF = {
    "by": "By what? Write for example by rep.",
    "where": "Where what? Write for example where type=new.",
    "vs": "Against what? Write for example vs last year or vs 2026-10.",
    "=": "What has that value? Write for example where type=new.",
}
_NOTHING_BY_ITSELF |= {"versus": _NOTHING_BY_ITSELF["vs"], "!=": _NOTHING_BY_ITSELF["="]}


def refuse_alone(word: Word) -> None:
    """QuestionError for a word that says nothing without what should stand beside it."""
    if word.kind is not Kind.QUOTED and word.folded in _NOTHING_BY_ITSELF:
        raise QuestionError(_NOTHING_BY_ITSELF[word.folded])


def nothing_asked() -> QuestionError:
    return QuestionError("Ask for a KPI, for example: winrate my team last month by rep.")


def no_kpi(runs: Sequence[Sequence[Word]], vocabulary: Vocabulary) -> QuestionError:
    """No KPI was read: the nearest to the words that nothing else was read from."""
    for run in runs:
        for said in dict.fromkeys((_text(run), *(word.text for word in run))):
            if near := vocabulary.nearest(fold(said)):
                return QuestionError(f"There is no KPI {echo(said)}. Did you mean {_either(near)}?")
    known = _either(vocabulary.examples())
    if runs:
        return QuestionError(f"There is no KPI {echo(_text(runs[0]))}. Ask for example for {known}.")
    return QuestionError(f"Which KPI? Ask for example for {known}.")


def not_one(what: str, said: Sequence[str]) -> QuestionError:
    """The same part more than once."""
    return QuestionError(f"One {what} at a time: {_either([echo(text, 35) for text in said[:2]])}.")


def too_many(what: str, most: int, said: Sequence[str]) -> QuestionError:
    """More parts of a kind than one question may have."""
    return QuestionError(f"At most {most} {what} at a time, not also {echo(said[most], 35)}.")


def no_breakdown(kpi: Kpi, said: str) -> QuestionError:
    """A breakdown that the KPI does not have."""
    if not kpi.dimensions:
        return QuestionError(f"{kpi.name} has no breakdown: it is one figure.")
    nearest = _either(_nearest_dimensions(kpi, said))
    return QuestionError(f"{kpi.name} has no breakdown by {echo(said)}: write by {nearest}.")


def no_filter(kpi: Kpi, said: str) -> QuestionError:
    """A filter on what the KPI's records do not tell."""
    if not kpi.dimensions:
        return QuestionError(f"{kpi.name} has no filter: it is one figure.")
    nearest = _either(_nearest_dimensions(kpi, said))
    return QuestionError(f"{kpi.name} has no filter on {echo(said)}: filter on {nearest}.")


def no_value(said: str) -> QuestionError:
    """A filter without a value."""
    return QuestionError(f"No value for {echo(said)}: write it after =, in quotes if it has blanks, or (none).")


def no_further_value(dimension: str) -> QuestionError:
    """What a comma joins to a filter, and is no part of a question."""
    return QuestionError(f"Write several values without a blank, as in {dimension}=a,b, and names before the filter.")


def no_campaign(said: str, names: Sequence[str]) -> QuestionError:
    """A campaign that the CRM does not have."""
    spelt = {fold(name): name for name in names}
    near = [echo(spelt[name], 40) for name in difflib.get_close_matches(fold(said), spelt, n=_SUGGESTED)]
    advice = f"Did you mean {_either(near)}?" if near else "Write its name, or the id as in the CRM."
    return QuestionError(f"There is no campaign {echo(said)}. {advice}")


def not_read(run: Sequence[Word], kpi: Kpi, vocabulary: Vocabulary, roster: Roster) -> QuestionError:
    """Words that are no part of a question."""
    said = " ".join(word.folded for word in run)
    if said in (variant.name for variant in kpi.variants):
        return QuestionError(f"{echo(said)} goes right after the KPI: write {kpi.id} {said}.")
    if dimension := vocabulary.dimension(said):
        return QuestionError(f"{echo(_text(run))} says nothing by itself. Did you mean by {dimension}?")
    phrases = (*when.PHRASES, *versus.PHRASES, *who.WORDS, *(f"by {dimension}" for dimension in kpi.dimensions))
    begun = [phrase for phrase in phrases if phrase.startswith(f"{said} ")]
    close = begun or difflib.get_close_matches(said, phrases, n=_SUGGESTED, cutoff=0.7)
    near = [*close, *(echo(name, 40) for name in roster.nearest(said)), *vocabulary.nearest(said)][:_SUGGESTED]
    if near:
        return QuestionError(f"{echo(_text(run))} is not understood. Did you mean {_either(near)}?")
    example = f"{kpi.id} my team last month"
    return QuestionError(f"{echo(_text(run))} is no person, team or period that is known. Write for example {example}.")


def _nearest_dimensions(kpi: Kpi, said: str) -> Sequence[str]:
    near = difflib.get_close_matches(fold(said), kpi.dimensions, n=_SUGGESTED)
    return list(dict.fromkeys((*near, *kpi.dimensions)))[:_SUGGESTED]


def _text(run: Sequence[Word]) -> str:
    return " ".join(word.text for word in run)


def _either(choices: Sequence[str]) -> str:
    return " or ".join((", ".join(choices[:-1]), choices[-1])) if len(choices) > 1 else "".join(choices)
