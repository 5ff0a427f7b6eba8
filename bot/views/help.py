"""What the bot says beside answers: help, the list of KPIs, errors, and to people it does not know."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.message import Block, Message, context, header, joined, section
from bot.views.mrkdwn import escape
from kpi.model import Cadence, Kpi

_EXAMPLES = (
    ("/kpi winrate", "your own, or your team's if you lead one, in the running period"),
    ("/kpi winrate my team last quarter", "whose and when"),
    ("/kpi bookings company 2026-Q3 by team", "broken down"),
    ("/kpi winrate this quarter by team, product", "by two at once"),
    ("/kpi bookings last quarter top 5 by product", "the largest"),
    ("/kpi winrate where type=new where industry=SaaS,Retail", "of some records only"),
    ("/kpi bookings this month vs last year", "against another period"),
    ("/kpi deals last 6 months", "a trend"),
    ("/kpi attainment deals this month", "a variant of a KPI"),
    ("/kpi list", "every KPI"),
)
_LIST_CHARACTERS = 2_900
_ALL_CHARACTERS = 11_000  # of all KPIs together: a message does not take many more


def help_message(kpis: Sequence[Kpi]) -> Message:
    """How to ask, by examples."""
    lines = [f"`{command}`: {what}" for command, what in _EXAMPLES]
    words = (
        "*Who:* `me`, `my team`, `company`, a mention, an email, `rep:ID`, `team:ID`, or a name in quotes\n"
        "*When:* `this` or `last` `week`, `month`, `quarter`, `year`; `today`, `yesterday`; `2026-11-20`, `2026-W46`, "
        "`2026-10`, `2026-Q3`, `2026`, `2026-01-01..2026-03-31`; `last 6 months` for a trend\n"
        "*By:* `by rep`, `by team`, `by source` and other dimensions of the KPI, up to two; `top 5 by product`\n"
        "*Where:* `where type=new`, `where region!=EMEA`, `where product='One Two',Three`, `where source=(none)`\n"
        "*Against:* the period before and the target always; `vs last year`, `vs 2026-Q3` for another period"
    )
    ids = joined([f"*KPIs:* {', '.join(f'`{kpi.id}`' for kpi in kpis)}"], _LIST_CHARACTERS)
    text = joined(["Ask for a sales KPI:", *lines, words, ids], _LIST_CHARACTERS)
    return {"text": text, "blocks": [header("Ask for a sales KPI"), *map(section, ("\n".join(lines), words, ids))]}


def list_message(kpis: Sequence[Kpi]) -> Message:
    """Every KPI with what it says and its variants, by how often it is looked at."""
    line = _kpi_line if sum(len(_kpi_line(kpi)) for kpi in kpis) <= _ALL_CHARACTERS else _short_kpi_line
    by_cadence = {cadence: [kpi for kpi in kpis if kpi.cadence is cadence] for cadence in Cadence}
    blocks, spoken = [header("KPIs")], ["KPIs"]
    for cadence, group in by_cadence.items():
        if group:
            blocks += _sections([f"*{cadence.value.capitalize()}*", *map(line, group)])
            spoken += [f"{cadence.value.capitalize()}:", *(f"{kpi.id}: {escape(kpi.name)}" for kpi in group)]
    blocks.append(context("`/kpi help` tells how to ask, `kpi catalogue` on the command line tells more."))
    return {"text": joined(spoken, _LIST_CHARACTERS), "blocks": blocks}


def _sections(lines: Sequence[str]) -> list[Block]:
    """The lines in as many sections as they need."""
    texts = [lines[0]]
    for line in lines[1:]:
        longer = f"{texts[-1]}\n{line}"
        texts = [*texts[:-1], longer] if len(longer) <= _LIST_CHARACTERS else [*texts, line]
    return [section(text) for text in texts]


def error_message(text: str) -> Message:
    """What went wrong and what to do; ``text`` may quote what was typed."""
    escaped = escape(text, _LIST_CHARACTERS)
    return {"text": escaped, "blocks": [section(escaped)]}


def unknown_person_message() -> Message:
    """To somebody whose Slack email is nobody's in the CRM, and who therefore sees nothing."""
    return error_message(
        "I don't know you: no rep in the CRM has your Slack email address, so I can show you no numbers. "
        "Ask an administrator of Scoreline to correct your email in the CRM or to add you to scoreline.toml, "
        "under [[person]]."
    )


def _kpi_line(kpi: Kpi) -> str:
    words = [variant.name for variant in kpi.variants]
    variants = f" (also: {', '.join(f'`{word}`' for word in words)})" if words else ""
    return f"`{kpi.id}` *{escape(kpi.name)}*: {escape(kpi.what)}{variants}"


def _short_kpi_line(kpi: Kpi) -> str:
    return f"`{kpi.id}` {escape(kpi.name)}"
