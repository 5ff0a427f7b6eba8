"""The answer as JSON: exact numbers as text, instants in UTC, ids as people see them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kpi.answer import answer_json, instant, number
from kpi.model import Amount, Better, Figure, Filter, Key, Line, Reading, Scope, ScopeType, TargetReading, Unit
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.scopes import Directory, Rep, Team

CALENDAR = Calendar(Organisation(timezone="America/New_York"))
DIRECTORY = Directory((Rep("files:R:1", "Rep One"),), (Team("files:T1", "EMEA"),), ["files"])
Q2, Q3 = CALENDAR.parse("2026-Q2"), CALENDAR.parse("2026-Q3")
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
READING = Reading(
    kpi="winrate",
    name="Win rate",
    variant=None,
    unit=Unit.PERCENT,
    better=Better.UP,
    currency="USD",
    scope=Scope(ScopeType.TEAM, "files:T1", "EMEA"),
    period=Q3,
    value=Decimal(4238) / 6711,
    numerator=Decimal(4238),
    denominator=Decimal(6711),
    records=6711,
    reason=None,
    interval=(Decimal("0.6199"), Decimal("0.6430")),
    previous=Figure(Q2, Decimal("0.5"), Decimal(1), Decimal(2), 2),
    previous_to_date=None,
    benchmark=Decimal("0.6200"),
    target=TargetReading(Decimal("0.6500"), Decimal("0.97"), None),
    as_of=datetime(2026, 11, 20, 18, 55, tzinfo=timezone(timedelta(hours=2))),
    now=NOW,
    extras={"deals": Amount(Decimal("1E+3"), Unit.COUNT), "median": Amount(None, Unit.DAYS)},
    by=(
        Line(
            Key("rep", "files:R:1", "Rep One"),
            Decimal("0.7"),
            Decimal(7),
            Decimal(10),
            10,
            second=Key("type", "new", "new"),
            interval=(Decimal("0.4"), Decimal("0.9")),
        ),
        Line(
            Key("rep", "(unassigned)", "(unassigned)"),
            None,
            Decimal(0),
            Decimal(0),
            0,
            "zero_denominator",
            is_small=True,
            extras={"units": Amount(Decimal(3), Unit.COUNT)},
        ),
    ),
    trend=(Figure(Q2, None, reason="missing_input: deals"),),
    where=(Filter("rep", ("files:R:1",)), Filter("source", ("(none)",), excluded=True)),
    is_maturing=True,
    is_noise=False,
    notes=("3 deals have no exchange rate for BRL and are left out",),
)


def test_an_answer_has_the_promised_shape():
    q2 = {"key": "2026-Q2", "start": "2026-04-01T04:00:00Z", "end": "2026-07-01T04:00:00Z"}
    assert answer_json(READING, DIRECTORY) == {
        "kpi": "winrate",
        "variant": None,
        "unit": "percent",
        "better": "up",
        "scope": {"type": "team", "id": "T1", "name": "EMEA"},
        "period": {
            "key": "2026-Q3",
            "start": "2026-07-01T04:00:00Z",
            "end": "2026-10-01T04:00:00Z",
            "to_date": False,
        },
        "value": "0.6315005215318134406198778125",
        "numerator": "4238",
        "denominator": "6711",
        "records": 6711,
        "reason": None,
        "interval": ["0.6199", "0.643"],
        "extras": {"deals": "1000", "median": None},
        "previous": {
            "period": q2,
            "value": "0.5",
            "numerator": "1",
            "denominator": "2",
            "records": 2,
            "reason": None,
        },
        "previous_to_date": None,
        "benchmark": {"value": "0.62"},
        "target": {"value": "0.65", "attainment": "0.97", "pace": None},
        "by": [
            {
                "dimension": "rep",
                "key": "R:1",
                "name": "Rep One",
                "second": {"dimension": "type", "key": "new", "name": "new"},
                "value": "0.7",
                "numerator": "7",
                "denominator": "10",
                "records": 10,
                "reason": None,
                "interval": ["0.4", "0.9"],
                "small": False,
                "extras": {},
            },
            {
                "dimension": "rep",
                "key": "(unassigned)",
                "name": "(unassigned)",
                "value": None,
                "numerator": "0",
                "denominator": "0",
                "records": 0,
                "reason": "zero_denominator",
                "interval": None,
                "small": True,
                "extras": {"units": "3"},
            },
        ],
        "trend": [
            {
                "period": q2,
                "value": None,
                "numerator": None,
                "denominator": None,
                "records": 0,
                "reason": "missing_input: deals",
            }
        ],
        "versus": None,
        "where": [
            {"dimension": "rep", "values": ["R:1"], "excluded": False},
            {"dimension": "source", "values": ["(none)"], "excluded": True},
        ],
        "maturing": True,
        "noise": False,
        "notes": ["3 deals have no exchange rate for BRL and are left out"],
        "as_of": "2026-11-20T16:55:00Z",
        "now": "2026-11-20T17:00:00Z",
    }
    assert json.loads(json.dumps(answer_json(READING, DIRECTORY))) == answer_json(READING, DIRECTORY)


def test_what_is_not_there_is_null():
    bare = replace(READING, previous=None, interval=None, benchmark=None, target=None, value=None, as_of=None, by=())
    answer = answer_json(bare, DIRECTORY)
    assert [answer[key] for key in ("previous", "interval", "benchmark", "target", "value", "as_of")] == [None] * 6
    assert answer["by"] == []


@pytest.mark.parametrize(("now", "to_date"), [(Q3.start - timedelta(1), False), (Q3.start, True), (Q3.end, False)])
def test_a_running_period_is_to_date_with_or_without_a_figure(now, to_date):
    for previous_to_date in (None, READING.previous):
        reading = replace(READING, now=now, previous_to_date=previous_to_date)
        assert answer_json(reading, DIRECTORY)["period"]["to_date"] is to_date


def test_ids_carry_their_source_where_there_are_several():
    directory = Directory((Rep("files:R:1", "Rep One"),), (Team("files:T1", "EMEA"),), ["files", "hubspot"])
    answer = answer_json(READING, directory)
    assert answer["scope"]["id"] == "files:T1"
    assert [line["key"] for line in answer["by"]] == ["files:R:1", "(unassigned)"]


def test_a_dimensions_value_is_shown_as_it_is():
    line = Line(Key("source", "a:b", "a:b"), Decimal(1), None, None, 1)
    assert answer_json(replace(READING, by=(line,)), DIRECTORY)["by"][0]["key"] == "a:b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0.000", "0"),
        ("0.000000000000", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-30", "0.000000000000000000000000000001"),
        ("-12.3400", "-12.34"),
        ("2500000000000999997.500000000001", "2500000000000999997.500000000001"),
    ],
)
def test_numbers_are_plain_and_exact(value, text):
    assert number(Decimal(value)) == text


def test_instants_are_utc():
    assert instant(datetime(2026, 1, 31, 9, 30, 0, 5, tzinfo=UTC)) == "2026-01-31T09:30:00.000005Z"
    assert instant(NOW.astimezone(timezone(timedelta(hours=-5)))) == "2026-11-20T17:00:00Z"
