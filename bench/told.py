"""How what was measured is told."""

from __future__ import annotations


def say(what: str, figure: str) -> None:
    print(f"{what:<26}{figure}", flush=True)  # noqa: T201, this is what the command is for


def ratio(one: float, other: float, promised: str) -> str:
    return f"{one / other:.2f} times (promised: {promised})"
