"""Pipelines and stages, and the way that each deal took through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import NamedTuple

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.rows import MILLISECOND, Row, held
from connectors.hubspot.emulator.organisation import Stage

PIPELINE, STAGE = "Sales Pipeline", "Unknown"  # of deals that name none, which HubSpot does not have


class Place(NamedTuple):
    """A stage as the schema tells it apart: HubSpot's stages decide the status and the probability. A closed one's
    probability is 1 or 0."""

    pipeline: str
    stage: str
    status: str
    probability: Decimal | None


class Step(NamedTuple):
    """A deal came to a place."""

    place: Place
    at: datetime


def trace_deals(deals: Iterable[Row], changes: Iterable[Row]) -> dict[str, list[Step]]:
    """The way of each deal, by its id: at least one step, in the order of time, each a millisecond or more after the
    one before, none to where the deal is already, the last to where it stands now. That is what HubSpot has of every
    deal. A deal whose changes are unknown has come to where it stands when it was closed, or made."""
    by_deal: dict[str, list[Row]] = defaultdict(list)
    for change in changes:
        by_deal[change["deal_id"]].append(change)
    return {deal["id"]: _trace(deal, sorted(by_deal[deal["id"]], key=lambda row: row["at"])) for deal in deals}


def place_of(deal: Row) -> Place:
    """Where a deal stands."""
    return _place(deal, deal["stage"] or STAGE, deal["status"], deal["probability"])


def _trace(deal: Row, changes: list[Row]) -> list[Step]:
    places = [_place(deal, row["stage"], _status(row), row["probability"]) for row in changes]
    now = place_of(deal)
    steps: list[Step] = []
    for place, row in zip(places, changes, strict=True):
        _append(steps, place, row["at"])
    if not steps or steps[-1].place != now:
        closed_at = deal["closed_at"] if deal["status"] != "open" else None
        _append(steps, now, closed_at or deal["created_at"])
    return steps


def _append(steps: list[Step], place: Place, at: datetime) -> None:
    if not steps:
        steps.append(Step(place, held(at)))
    elif steps[-1].place != place:
        steps.append(Step(place, max(held(at), steps[-1].at + MILLISECOND)))


def _place(deal: Row, stage: str, status: str, probability: Decimal | None) -> Place:
    if status != "open":
        probability = Decimal(status == "won")
    return Place(deal["pipeline"] or PIPELINE, stage, status, probability)


def _status(change: Row) -> str:
    return change["status"] or {Decimal(1): "won", Decimal(0): "lost"}.get(change["probability"], "open")


def add_stages(account: Account, places: Iterable[Place]) -> Mapping[Place, tuple[str, str]]:
    """Makes the pipelines and stages of deals. Gives the ids of the pipeline and the stage of each place."""
    account.pipelines["deals"].clear()  # HubSpot's own, of which nobody makes use
    ids: dict[Place, tuple[str, str]] = {}
    pipelines: dict[str, str] = {}
    taken: set[str] = set()
    for place in dict.fromkeys(places):
        if place.pipeline not in pipelines:
            pipelines[place.pipeline] = f"{7000001 + len(pipelines)}" if pipelines else "default"
            account.add_pipeline("deals", pipelines[place.pipeline], place.pipeline)
        stage_id = next(name for name in _names(place.stage) if name not in taken)
        taken.add(stage_id)
        account.add_stage("deals", pipelines[place.pipeline], Stage(stage_id, place.stage, _metadata(place)))
        ids[place] = pipelines[place.pipeline], stage_id
    return ids


def _names(label: str) -> Iterator[str]:
    """Ids as HubSpot gives its own stages, ``closedwon``, then numbered ones."""
    plain = "".join(sign for sign in label.lower() if sign.isascii() and sign.isalnum()) or "stage"
    yield plain
    yield from (f"{plain}{number}" for number in count(2))


def _metadata(place: Place) -> dict[str, str]:
    closed = {"isClosed": str(place.status != "open").lower()}
    return closed if place.probability is None else {**closed, "probability": _number(place.probability)}


def _number(probability: Decimal) -> str:
    text = format(probability, "f")
    return text if "." in text else f"{text}.0"
