"""What the bot says beside answers: help, the list of KPIs, errors, and to people it does not know."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.message import Message, context, header, joined, section
from bot.views.mrkdwn import escape
from kpi.model import Cadence, Kpi

_EXAMPLES = (
    ("/kpi winrate", "your own, or your team's if you lead one, in the running period"),
    ("/kpi winrate my team last quarter", "whose and when"),
    ("/kpi bookings company 2026-Q3 by team", "broken down"),
    ("/kpi deals last 6 months", "a trend"),
    ("/kpi attainment deals this month", "a variant of a KPI"),
    ("/kpi list", "every KPI"),
)
_LIST_CHARACTERS = 2_900


def help_message(kpis: Sequence[Kpi]) -> Message:
    """How to ask, by examples."""
    lines = [f"`{command}`: {what}" for command, what in _EXAMPLES]
    words = (
        "*Who:* `me`, `my team`, `company`, a mention, an email, `rep:ID`, `team:ID`, or a name in quotes\n"
        "*When:* `this` or `last` `week`, `month`, `quarter`, `year`; `today`, `yesterday`; `2026-11-20`, `2026-W46`, "
        "`2026-10`, `2026-Q3`, `2026`, `2026-01-01..2026-03-31`; `last 6 months` for a trend"
    )
    ids = joined([f"*KPIs:* {', '.join(f'`{kpi.id}`' for kpi in kpis)}"], _LIST_CHARACTERS)
    text = joined(["Ask for a sales KPI:", *lines, words, ids], _LIST_CHARACTERS)
    return {"text": text, "blocks": [header("Ask for a sales KPI"), *map(section, ("\n".join(lines), words, ids))]}


def list_message(kpis: Sequence[Kpi]) -> Message:
    """Every KPI with what it says and its variants, by how often it is looked at."""
    by_cadence = {cadence: [kpi for kpi in kpis if kpi.cadence is cadence] for cadence in Cadence}
    blocks, spoken = [header("KPIs")], ["KPIs"]
    for cadence, group in by_cadence.items():
        if group:
            lines = [_kpi_line(kpi) for kpi in group]
            blocks.append(section(joined([f"*{cadence.value.capitalize()}*", *lines], _LIST_CHARACTERS)))
            spoken += [f"{cadence.value.capitalize()}:", *(f"{kpi.id}: {escape(kpi.name)}" for kpi in group)]
    blocks.append(context("`/kpi help` tells how to ask."))
    return {"text": joined(spoken, _LIST_CHARACTERS), "blocks": blocks}


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
