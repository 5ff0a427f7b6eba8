"""Pages of made-up deals as HubSpot lists them, rendered before anybody asks."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

PAGE = 100
FIRST_ID = 10_000_000_001
_BEGAN_AT = datetime(2023, 11, 1, tzinfo=UTC)
_DAYS = 1_080
_SEED = 5
_OPEN = {"appointmentscheduled": "0.2", "qualifiedtobuy": "0.4", "contractsent": "0.9"}
_STAGES = {**_OPEN, "closedwon": "1", "closedlost": "0"}
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "DIRECT_TRAFFIC", "REFERRALS", "OFFLINE", None)
_NAMES = ("Northwind", "Müller & Söhne", "Contoso", "Blue Yonder", "Ørsted Design", "Fabrikam", "Tailspin")
_WHAT = ("renewal", "new business", "expansion", "pilot", "annual plan")
_OWNERS = range(70_000_001, 70_000_041)

PIPELINE = {
    "id": "default",
    "label": "Sales pipeline",
    "archived": False,
    "stages": [
        {
            "id": stage,
            "label": stage.capitalize(),
            "archived": False,
            "metadata": {"isClosed": str(stage not in _OPEN).lower(), "probability": probability},
        }
        for stage, probability in _STAGES.items()
    ],
}
OWNERS = [
    {"id": str(owner), "email": f"rep{owner}@example.com", "firstName": "Rep", "lastName": str(owner), "userId": owner}
    for owner in _OWNERS
]


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer holds, plain and zipped."""

    plain: bytes
    zipped: bytes


def body_of(answer: object) -> Body:
    plain = orjson.dumps(answer)
    return Body(plain, gzip.compress(plain, compresslevel=1))


def deal_pages(count: int) -> Iterator[Body]:
    """So many deals in pages of 100. The token of the next page is its number."""
    chance = random.Random(_SEED)  # noqa: S311, made-up records
    pages = -(-count // PAGE)
    for page in range(pages):
        ids = range(FIRST_ID + page * PAGE, FIRST_ID + min((page + 1) * PAGE, count))
        answer: dict[str, object] = {"results": [_deal(id_, chance) for id_ in ids]}
        if page + 1 < pages:
            answer["paging"] = {"next": {"after": str(page + 1), "link": f"?after={page + 1}"}}
        yield body_of(answer)


def _deal(id_: int, chance: random.Random) -> dict[str, object]:
    """As the list gives it, with the properties that are pulled and those that HubSpot always adds."""
    created_at = _BEGAN_AT + timedelta(days=_DAYS * chance.random())
    closed_at = created_at + timedelta(days=120 * chance.random())
    stage = chance.choice(tuple(_STAGES))
    value = chance.randint(500_00, 250_000_00)
    modified = _instant(max(created_at, min(closed_at, _BEGAN_AT + timedelta(days=_DAYS))))
    properties = {
        "amount": f"{value // 100}.{value % 100:02}",
        "closedate": _instant(closed_at),
        "createdate": _instant(created_at),
        "deal_currency_code": chance.choice(("EUR", "EUR", "EUR", "USD")),
        "dealname": f"{chance.choice(_NAMES)} - {chance.choice(_WHAT)} {id_ % 10_000}",
        "dealstage": stage,
        "dealtype": chance.choice(("newbusiness", "existingbusiness", None)),
        "hs_analytics_source": chance.choice(_SOURCES),
        "hs_cost_of_goods_sold": chance.choice((None, f"{value // 300}.50")),
        "hs_deal_stage_probability": _STAGES[stage],
        "hs_is_closed": str(stage not in _OPEN).lower(),
        "hs_is_closed_won": str(stage == "closedwon").lower(),
        "hs_lastmodifieddate": modified,
        "hs_merged_object_ids": None,
        "hs_mrr": chance.choice((None, f"{value // 1200}.00")),
        "hs_object_id": str(id_),
        "hubspot_owner_id": str(chance.choice(_OWNERS)),
        "pipeline": PIPELINE["id"],
    }
    return {
        "id": str(id_),
        "properties": properties,
        "createdAt": properties["createdate"],
        "updatedAt": modified,
        "archived": False,
        "url": f"https://app.hubspot.com/contacts/62515/record/0-3/{id_}",
    }


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"
