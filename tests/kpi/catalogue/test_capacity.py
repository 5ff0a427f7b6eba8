"""Capacity: the best day of any one rep, each business day, for each active rep of the role."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kpi.catalogue.capacity import AECAPACITY, BDRCAPACITY, bdrcapacity
from kpi.model import Scope, ScopeType
from kpi.organisation import Organisation
from tests.kpi.catalogue.conftest import NOW
from tests.kpi.expected.records import Company

MIDNIGHT = datetime(2026, 11, 10, 5, tzinfo=UTC)  # of 10 November in New York
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
NORTH, SOUTH, EMPTY = (Scope(ScopeType.TEAM, f"files:{name}", name) for name in ("north", "south", "empty"))

_QUALIFIED = [
    ("R1", MIDNIGHT),
    ("R1", MIDNIGHT + DAY - TICK),
    ("R1", MIDNIGHT + DAY),
    ("R2", MIDNIGHT),
    ("R2", NOW),
    *[("R2", datetime(2026, 8, 22, 12, tzinfo=UTC))] * 3,
    *[("gone", MIDNIGHT)] * 5,
    *[("R4", MIDNIGHT)] * 4,
    *[(None, MIDNIGHT)] * 6,
]

ACME = Company(
    Organisation(timezone="America/New_York", currency="USD"),
    {
        "files": {
            "owners": [
                {"id": "R1", "name": "Ann", "team_id": "north", "role": "bdr"},
                {"id": "R2", "name": "Bob", "team_id": "south", "role": "bdr"},
                {"id": "gone", "name": "Gone", "team_id": "north", "role": "bdr", "active": False},
                {"id": "R4", "name": "Eve", "team_id": "north", "role": "ae"},
            ],
            "teams": [{"id": name, "name": name} for name in ("north", "south", "empty")],
            "leads": [
                {"id": f"L{n}", "created_at": MIDNIGHT, "owner_id": owner_id, "mql_at": at}
                for n, (owner_id, at) in enumerate(_QUALIFIED)
            ],
            "deals": [
                {"id": f"D{n}", "created_at": MIDNIGHT, "owner_id": owner_id, "status": status, "closed_at": at}
                for n, (owner_id, status, at) in enumerate(
                    [
                        ("R4", "won", MIDNIGHT),
                        ("R4", "won", MIDNIGHT + DAY - TICK),
                        ("R4", "lost", MIDNIGHT),
                        ("R1", "won", MIDNIGHT),
                        ("R4", "won", NOW),
                    ]
                )
            ],
            "holidays": [{"date": date(2026, 11, 11)}],
        }
    },
)


def test_the_best_local_day_of_any_one_bdr_counts_on_every_business_day_for_each_of_them(asked):
    reading = asked(ACME, BDRCAPACITY, "2026-11", by=("team",))
    assert (reading.value, reading.records) == (2 * 20 * 2, 19)
    assert {line.key.name: line.value for line in reading.by if line.value} == {"north": 2 * 20, "south": 1 * 20}


def test_a_team_counts_its_own_best_day_alone(asked):
    assert asked(ACME, BDRCAPACITY, "2026-11", scope=NORTH).value == 2 * 20
    assert asked(ACME, BDRCAPACITY, "2026-11", scope=SOUTH).value == 1 * 20


def test_the_best_day_is_looked_for_in_the_90_days_that_end_with_the_last_day_or_today(asked):
    assert asked(ACME, BDRCAPACITY, "2026-10").value == 3 * 22 * 2
    assert asked(ACME, BDRCAPACITY, "2026-11-19", scope=SOUTH).value == 3
    assert asked(ACME, BDRCAPACITY, "2026-11-20", scope=SOUTH).value == 1


def test_utilisation_is_all_mqls_so_far_by_what_was_possible_on_the_business_days_so_far(asked):
    extras = asked(ACME, BDRCAPACITY, "2026-11").extras
    assert extras["mqls"].value == 19
    assert extras["utilisation"].value == Decimal(19) / (2 * 14 * 2)
    assert asked(ACME, BDRCAPACITY, "2026-10").extras["utilisation"].value == 0


def test_nobody_has_no_capacity_and_no_utilisation(asked):
    reading = asked(ACME, BDRCAPACITY, "2026-11", scope=EMPTY)
    assert (reading.value, reading.extras["utilisation"].value) == (0, None)


def test_a_configured_capacity_stands_for_the_best_day(asked):
    configured = bdrcapacity(Decimal("2.5"))
    reading = asked(ACME, configured, "2026-11")
    assert reading.value == Decimal("2.5") * 20 * 2
    assert reading.extras["utilisation"].value == 19 / (Decimal("2.5") * 14 * 2)
    assert configured.formula == "2.5 a day x business days of the whole period x active BDRs"


def test_aes_can_win_what_one_of_them_won_on_the_best_day(asked):
    reading = asked(ACME, AECAPACITY, "2026-11")
    assert (reading.value, reading.records) == (2 * 20, 3)
    assert reading.extras["deals"].value == 3
    assert reading.extras["utilisation"].value == Decimal(3) / (2 * 14)


def test_one_rep_has_no_capacity_of_a_team(asked):
    ann = Scope(ScopeType.REP, "files:R1", "Ann")
    assert asked(ACME, BDRCAPACITY, "2026-11", scope=ann).reason == "not_applicable"
