"""Questions in, with whose rights, and answers out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.access import ADMIN, STRANGER, Policy, Viewer
from bot.question import QuestionError
from bot.services import Asker, Desk, NotPermittedError
from kpi.answer import answer_json
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.model import Request, Scope, ScopeType
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company
from tests.kpi.published import URL, CountingEngine, publish

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
OWNERS = {"X1": ("Ann Archer", "Y1"), "X2": ("Bob Butcher", "Y1"), "X3": ("Cleo Carter", "Y2")}
COMPANY_OF_THREE = Company(
    Organisation(),
    {
        "files": {
            "owners": [
                {"id": each, "name": name, "email": f"{each}@x.example", "team_id": team}
                for each, (name, team) in OWNERS.items()
            ],
            "teams": [{"id": "Y1", "name": "Secret Squad"}, {"id": "Y2", "name": "Other"}],
            "deals": [
                {
                    "id": f"D{number}",
                    "owner_id": owner,
                    "status": status,
                    "amount": Decimal(777),
                    "created_at": NOW,
                    "closed_at": NOW - timedelta(days=day),
                }
                for number, (owner, status, day) in enumerate(
                    [("X1", "won", 1), ("X1", "lost", 2), ("X2", "won", 3), ("X3", "won", 40)]
                )
            ],
        }
    },
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    publish(COMPANY_OF_THREE, folder)
    engine = open_engine(URL, folder)
    yield engine
    engine.close()


@pytest.fixture
def desk(engine):
    return Desk(engine, COMPANY_OF_THREE.organisation, CATALOGUE, Policy.TEAM, NOW)


def asker(desk, owner):
    return Asker(Viewer(desk.directory.find_rep(owner)))


def test_a_question_is_answered(desk):
    reading = desk.ask("winrate company this month", Asker(ADMIN))
    assert (reading.value, reading.records) == (Decimal(2) / 3, 3)


def test_a_question_that_names_nobody_means_the_asker(desk):
    reading = desk.ask("deals", asker(desk, "X1"))
    assert (reading.scope.name, reading.value) == ("Ann Archer", 1)


def test_a_question_that_names_nobody_means_whom_it_is_asked_for(desk):
    ann = desk.directory.find_rep("X1")
    default = desk.directory.scope_of_team(desk.directory.find_team("Y1"))
    assert desk.ask("deals", Asker(Viewer(ann), default)).value == 2


def test_a_mention_is_whom_slack_says(desk):
    bob = desk.directory.find_rep("X2")
    by_slack = {"U0B0B": bob}
    reading = desk.ask("deals <@U0B0B>", Asker(ADMIN, rep_by_slack=by_slack.get))
    assert reading.scope.id == bob.id
    with pytest.raises(QuestionError):
        desk.ask("deals <@U0B0B>", Asker(ADMIN))


@pytest.mark.parametrize(
    "question",
    ["deals rep:X3", "deals rep:X3 by rep", "deals team:Y2", "winrate company by rep", "bookings company by team"],
)
def test_what_one_may_not_see_carries_no_figure(desk, question):
    reading = desk.ask(question, asker(desk, "X1"))
    assert reading.reason == "not_permitted"
    told = answer_json(reading, desk.directory)
    assert told["records"] == 0
    for part in (
        "value",
        "numerator",
        "denominator",
        "interval",
        "previous",
        "previous_to_date",
        "benchmark",
        "target",
    ):
        assert told[part] is None
    assert (told["extras"], told["by"], told["trend"], told["notes"]) == ({}, [], [], [])


def test_a_trend_that_one_may_not_see_carries_no_figure(desk):
    reading = desk.ask("deals rep:X3 last 3 months", asker(desk, "X1"))
    assert (reading.reason, reading.trend) == ("not_permitted", ())


def test_what_is_refused_is_not_read(engine):
    counting = CountingEngine(engine)
    desk = Desk(counting, COMPANY_OF_THREE.organisation, CATALOGUE, Policy.OWN, NOW)
    counting.queries.clear()
    desk.ask("deals rep:X3", asker(desk, "X1"))
    assert not [sql for sql in counting.queries if "closed_deals" in sql]


QUESTIONS = (
    "deals",
    "deals company",
    "deals company by rep",
    "deals rep:X1",
    "deals rep:X9",
    "deals team:Y1",
    "deals x1@x.example",
    'deals "Ann Archer"',
    "deals Ann",
    "deals Anm Archer",
    'deals "Secret Squad"',
    "deals Secret",
    "deals me",
    "deals my team",
    "deals <@U0B0B>",
    "winrat",
    "",
    "deals by nothing",
)
PRIVATE = ("Ann", "Archer", "Bob", "Butcher", "Cleo", "Carter", "Secret", "Squad", "X1", "X2", "X3", "Y1", "777")


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("policy", Policy)
def test_a_stranger_learns_no_name_and_no_figure(engine, policy, question):
    desk = Desk(engine, COMPANY_OF_THREE.organisation, CATALOGUE, policy, NOW)
    bob = desk.directory.find_rep("X2")
    try:
        reading = desk.ask(question, Asker(STRANGER, rep_by_slack={"U0B0B": bob}.get))
    except NotPermittedError as error:
        told = str(error)
    else:
        assert reading.reason == "not_permitted"
        told = str(answer_json(reading, desk.directory))
    assert not [name for name in PRIVATE if name in told]


@pytest.mark.parametrize(
    ("there", "not_there"), [("rep:X1", "rep:X9"), ("Ann", "Dan"), ("x1@x.example", "x9@x.example")]
)
def test_a_stranger_cannot_tell_who_is_there(desk, there, not_there):
    with pytest.raises(NotPermittedError) as known:
        desk.ask(f"deals {there}", Asker(STRANGER))
    with pytest.raises(NotPermittedError) as unknown:
        desk.ask(f"deals {not_there}", Asker(STRANGER))
    assert str(known.value) == str(unknown.value)


def test_somebody_known_is_told_what_is_wrong_with_the_question(desk):
    with pytest.raises(QuestionError, match="winrate"):
        desk.ask("winrat", asker(desk, "X1"))
    with pytest.raises(QuestionError):
        desk.ask("deals rep:X9", asker(desk, "X1"))
    with pytest.raises(QuestionError, match="months"):
        desk.ask("deals 2026-13", asker(desk, "X1"))


def test_answers_come_in_the_order_of_the_requests_each_with_its_rights(desk):
    november = desk.context.calendar.parse("2026-11")
    whole = [
        Request(CATALOGUE["deals"], Scope(ScopeType.REP, f"files:{each}"), november) for each in ("X2", "X3", "X1")
    ]
    readings = desk.answers([*whole, whole[0]], asker(desk, "X1").viewer)
    assert [reading.scope.id for reading in readings] == ["files:X2", "files:X3", "files:X1", "files:X2"]
    assert [reading.value for reading in readings] == [1, None, 1, 1]
    assert [reading.reason for reading in readings] == [None, "not_permitted", None, None]


def test_no_requests_give_no_answers(desk):
    assert desk.answers([], ADMIN) == []
