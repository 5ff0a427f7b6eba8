"""Companies that are made and published once for all tests of the KPIs."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from kpi.engines.base import Engine
from kpi.plan import Context
from tests.kpi.companies import ORGANISATIONS, Case, make_case
from tests.kpi.expected import Frames
from tests.kpi.published import context_of, open_published


@dataclass(frozen=True)
class Published:
    """A company in the store, and the frames that its figures are computed from a second time."""

    case: Case
    engine: Engine
    context: Context
    frames: Frames


@pytest.fixture(scope="session", params=range(len(ORGANISATIONS)), ids=[each.timezone for each in ORGANISATIONS])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    random = Random(request.param)  # noqa: S311 - the same every time
    case = make_case(random, ORGANISATIONS[request.param])
    engine = open_published(case.company, tmp_path_factory.mktemp("store"))
    yield Published(case, engine, context_of(case.company, engine, case.now), Frames(case.company, case.now))
    engine.close()
