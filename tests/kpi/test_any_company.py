"""Hypothesis looks for a company that the two computations do not agree on."""

import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpi.compute import read
from tests.kpi.agreement import KPIS, Answer, differs, request_of, said, scopes_of
from tests.kpi.companies import ORGANISATIONS, make_case
from tests.kpi.expected import Frames
from tests.kpi.published import context_of, open_published


@settings(max_examples=10, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), organisation=st.sampled_from(ORGANISATIONS), size=st.sampled_from([1, 8, 30]))
def test_both_computations_agree_on_any_company(seed, organisation, size):
    random = Random(seed)  # noqa: S311 - the same every time
    case = make_case(random, organisation, size=size)
    frames = Frames(case.company, case.now)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_published(case.company, Path(folder))
        context = context_of(case.company, engine, case.now)
        scopes = scopes_of(context)
        requests = [
            request_of(asked, random.choice([scopes[0], *scopes]), random.choice(case.keys), context) for asked in KPIS
        ]
        readings = read(engine, requests, context)
        engine.close()
    for request, reading in zip(requests, readings, strict=True):
        answer = Answer(request, frames, case.now)
        assert differs(reading, answer.value) is None, said(request)
        before = answer.previous(is_maturing=reading.is_maturing)
        assert differs(reading.previous, before) is None, said(request)
