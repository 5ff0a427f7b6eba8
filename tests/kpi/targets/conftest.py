"""A company with a team in a team, people in between, some without a team and some who left."""

import pytest

from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.scopes import Directory, Rep, Team

REPS = (
    Rep("f:H", "Head", team_id="f:T0", role="manager"),
    Rep("f:A", "Ann", team_id="f:T1", role="ae"),
    Rep("f:B", "Bob", team_id="f:T1", role="ae"),
    Rep("f:C", "Cem", team_id="f:T1", role="bdr"),
    Rep("f:D", "Dee", team_id="f:T2", role="ae"),
    Rep("f:L", "Left", team_id="f:T2", role="ae", active=False),
    Rep("f:S", "Solo", team_id=None, role="ae"),
    Rep("f:G", "Gone team", team_id="f:T9", role="ae"),
    Rep("f:E", "Ex", team_id="f:T3", active=False),
)
TEAMS = (Team("f:T0", "Sales"), Team("f:T1", "EMEA", "f:T0"), Team("f:T2", "Americas", "f:T0"), Team("f:T3", "Empty"))


@pytest.fixture(scope="session")
def directory():
    return Directory(REPS, TEAMS, ("f",))


@pytest.fixture(scope="session")
def calendar():
    return Calendar(Organisation())
