"""What is said of a question that is not understood: what it was, and the nearest thing to write."""

import difflib
from collections.abc import Sequence

from bot.question import when, who
from bot.question.asked import Vocabulary
from bot.question.who import Roster
from bot.question.words import QuestionError, Word, echo, fold
from kpi.model import Kpi

_SUGGESTED = 3
_LIMITS = {
    "where": "Answers cannot be filtered with 'where': ask by a dimension instead, as in winrate by industry.",
    "vs": "Periods cannot be compared with 'vs': every answer shows the period before; ask for any other by itself.",
}


def refuse_limits(word: Word) -> None:
    """QuestionError for a word that asks for what a question cannot."""
    if word.folded in _LIMITS:
        raise QuestionError(_LIMITS[word.folded])


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


def no_breakdown(kpi: Kpi, said: str) -> QuestionError:
    """A breakdown that the KPI does not have."""
    near = difflib.get_close_matches(fold(said), kpi.dimensions, n=_SUGGESTED)
    nearest = list(dict.fromkeys((*near, *kpi.dimensions)))[:_SUGGESTED]
    return QuestionError(f"{kpi.name} has no breakdown by {echo(said)}: write by {_either(nearest)}.")


def not_read(run: Sequence[Word], kpi: Kpi, vocabulary: Vocabulary, roster: Roster) -> QuestionError:
    """Words that are no part of a question."""
    said = " ".join(word.folded for word in run)
    if said in (variant.name for variant in kpi.variants):
        return QuestionError(f"{echo(said)} goes right after the KPI: write {kpi.id} {said}.")
    if dimension := vocabulary.dimension(said):
        return QuestionError(f"{echo(_text(run))} says nothing by itself. Did you mean by {dimension}?")
    phrases = (*when.PHRASES, *who.WORDS, *(f"by {dimension}" for dimension in kpi.dimensions))
    begun = [phrase for phrase in phrases if phrase.startswith(f"{said} ")]
    close = begun or difflib.get_close_matches(said, phrases, n=_SUGGESTED, cutoff=0.7)
    near = [*close, *(echo(name, 40) for name in roster.nearest(said)), *vocabulary.nearest(said)][:_SUGGESTED]
    if near:
        return QuestionError(f"{echo(_text(run))} is not understood. Did you mean {_either(near)}?")
    example = f"{kpi.id} my team last month"
    return QuestionError(f"{echo(_text(run))} is no person, team or period that is known. Write for example {example}.")


def _text(run: Sequence[Word]) -> str:
    return " ".join(word.text for word in run)


def _either(choices: Sequence[str]) -> str:
    return " or ".join((", ".join(choices[:-1]), choices[-1])) if len(choices) > 1 else "".join(choices)
