"""Which records are listed, in which order, on which page, and to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue import CATALOGUE
from kpi.engines import read_directory
from kpi.explain import ExplainError, Page, as_a_whole, explain, explanation_json
from kpi.explain.records import LABELS
from kpi.formulas import Ratio, Total
from kpi.model import Better, Cadence, Combine, Filter, Kpi, Measure, Request, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from kpi.relations import RELATIONS
from kpi.scopes import COMPANY
from tests.kpi.expected.records import Company
from tests.kpi.published import SYNCED_AT, context_of, open_published

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 4, tzinfo=UTC)  # its midnight in New York
DAY = timedelta(days=1)
HOSTILE = "x'; drop table deals; --"


def deal(number, status="won", owner="R1", **columns):
    closed = {"closed_at": NOVEMBER + number * DAY} if status != "open" else {}
    return {"id": f"D{number}", "status": status, "owner_id": owner, "created_at": NOVEMBER, **closed, **columns}


ACME = Company(
    Organisation(timezone="America/New_York", currency="USD"),
    {
        "files": {
            "owners": [
                {"id": "R1", "name": "Ann", "team_id": "T1", "email": "ann@x.example"},
                {"id": "R2", "name": "Bob", "team_id": "T1"},
                {"id": HOSTILE, "name": "Eve'", "team_id": "T2"},
            ],
            "teams": [{"id": "T1", "name": "One"}, {"id": "T2", "name": "Two"}],
            "accounts": [{"id": "A1", "name": "Account one"}],
            "leads": [{"id": "L1", "owner_id": "R1", "created_at": NOVEMBER, "email": "lead@x.example"}],
            "deals": [
                deal(1, amount=10, name="One", type="new", product="Gold"),
                deal(2, amount=30, currency="EUR", account_id="A1", type="expansion"),
                deal(3, amount=20, owner="R2", name="three", type="new"),
                deal(4, "lost", amount=99, owner=HOSTILE, name="Four"),
                deal(5, amount=7, owner="nobody"),
                deal(6, owner="R1", name="No amount"),
                deal(7, amount=1, currency="BRL", owner="R2"),
                {"id": HOSTILE, "status": "open", "owner_id": "R1", "created_at": NOVEMBER, "amount": 4},
            ],
            "activities": [
                {
                    "id": f"C{n}",
                    "type": kind,
                    "direction": "outbound",
                    "owner_id": owner,
                    "lead_id": "L1",
                    "at": NOVEMBER + n * DAY,
                }
                for n, (kind, owner) in enumerate([("call", "R1"), ("email", "R2"), ("chat", "R1")])
            ],
            "line_items": [{"id": "I1", "deal_id": "D1", "product": "Gold", "amount": 10, "cost": 4}],
            "fx_rates": [{"currency": "EUR", "date": date(2026, 1, 1), "rate": Decimal("1.2")}],
        }
    },
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = open_published(ACME, tmp_path_factory.mktemp("store"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def told(engine):
    """Explains a KPI: ``told("bookings", sort="value")``; ``sees`` are the reps whose records may be shown."""

    def tell(kpi, key="2026-11", *, variant=None, scope=COMPANY, where=(), by=(), sees=None, **page):
        context = context_of(ACME, engine, NOW)
        kpi = kpi if isinstance(kpi, Kpi) else CATALOGUE[kpi]
        request = Request(kpi, scope, context.calendar.parse(key), variant, by=by, where=where)
        return explain(engine, request, context, Page(**page), lambda rep: sees is None or rep in sees)

    return tell


def ids(explanation):
    return [row.id and row.id.partition(":")[2] for row in explanation.records.rows]


def test_records_stand_latest_first_with_name_owner_date_and_values(told):
    records = told("bookings").records

    assert [row.id for row in records.rows] == ["files:D5", "files:D3", "files:D2", "files:D1"]
    assert (records.measure, records.table, records.dated_by) == ("won_valued", "deals", "closed_instant")
    first, second, third, _ = records.rows
    assert (first.owner_id, first.owner, first.name) == (None, None, None)
    assert (second.name, second.owner, second.at) == ("three", "Bob", NOVEMBER + 3 * DAY)
    assert third.name == "Account one"
    assert (third.values["value"], third.values["status"]) == (Decimal(36), "won")


def test_a_sum_names_the_column_that_makes_it(told):
    assert told("bookings").records.adds == "value"
    assert told("margin").records.rows[0].values["adds"] == Decimal(6)
    assert told("winrate").records.adds is None


def test_money_in_its_own_currency_adds_what_it_is_worth(told):
    pipeline = told("pipeline").records
    assert [(row.values["amount"], row.values["adds"]) for row in pipeline.rows] == [(4, 4)]

    created = told("newopps", measure="amount").records
    worth = {row.id: row.values["adds"] for row in created.rows}
    assert (worth["files:D2"], "files:D7" in worth) == (Decimal(36), False)


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("value", ["D5", "D1", "D3", "D2"]),
        ("-value", ["D2", "D3", "D1", "D5"]),
        ("name", ["D2", "D1", "D3", "D5"]),
        ("-NAME", ["D3", "D1", "D2", "D5"]),
        ("owner", ["D1", "D2", "D3", "D5"]),
        ("id", ["D1", "D2", "D3", "D5"]),
        ("at", ["D1", "D2", "D3", "D5"]),
        ("closed_instant", ["D1", "D2", "D3", "D5"]),
    ],
)
def test_records_are_sorted_by_any_column_that_is_told_the_empty_ones_last(told, sort, wanted):
    assert ids(told("bookings", sort=sort)) == wanted


def test_pages_follow_each_other_and_hold_each_record_once(told):
    pages = [told("winrate", rows=3, number=number) for number in (1, 2, 3)]

    assert [page.records.pages for page in pages] == [3, 3, 3]
    assert [record for page in pages for record in ids(page)] == ["D7", "D6", "D5", "D4", "D3", "D2", "D1"]
    assert pages[0].records.total == 7


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"number": 2}, "There is no page 2: 4 records make 1 page of 20."),
        ({"sort": "valeu"}, "There is no column 'valeu' to sort by; did you mean \"value\"?"),
        ({"sort": HOSTILE}, "There is no column"),
        ({"measure": "won_valud"}, "There is no measure 'won_valud' in bookings; did you mean \"won_valued\"?"),
        ({"measure": HOSTILE}, "There is no measure"),
        ({"measure": "left-out:9"}, 'did you mean "left-out:'),
    ],
)
def test_what_is_not_there_is_told_in_one_line_with_the_nearest(told, page, said):
    with pytest.raises(ExplainError) as caught:
        told("bookings", **page)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_records_of_people_whom_one_may_not_see_are_counted_not_shown(told):
    explanation = told("winrate", sees={"files:R1"})

    assert ids(explanation) == ["D6", "D2", "D1"]
    assert (explanation.records.total, explanation.records.hidden, explanation.records.pages) == (7, 4, 1)
    assert (explanation.reading.numerator, explanation.terms[0].records) == (6, 6)


def test_records_without_an_owner_are_shown_only_to_who_may_see_them(told):
    assert "D5" not in ids(told("deals", sees={"files:R1", "files:R2", f"files:{HOSTILE}"}))
    assert ids(told("deals", sees={None})) == ["D5"]


def test_a_lead_that_two_reps_reached_is_one_record_seen_by_who_may_see_either(told):
    everybody = told("contacts").records
    bob = told("contacts", sees={"files:R2"}).records

    assert [(row.id, row.name, row.owner, row.at) for row in everybody.rows] == [
        ("files:L1", "lead@x.example", "Ann", NOVEMBER)
    ]
    assert [(row.owner, row.at) for row in bob.rows] == [("Bob", NOVEMBER + DAY)]
    assert (everybody.total, bob.total, bob.hidden) == (1, 1, 0)
    assert told("contacts", sees=set()).records.hidden == 1


def test_filters_and_scopes_leave_only_their_records(told):
    new = (Filter("type", ("new",)),)

    assert ids(told("deals", where=new)) == ["D3", "D1"]
    assert ids(told("deals", scope=Scope(ScopeType.REP, "files:R2", "Bob"))) == ["D7", "D3"]
    assert ids(told("winrate", where=(Filter("rep", (f"files:{HOSTILE}",)),))) == ["D4"]
    assert told("deals", where=new).records.columns[-1:] == ("type",)


def test_what_is_left_out_is_told_with_its_records(told):
    explanation = told("bookings")

    assert [(one.name, one.text, one.records) for one in explanation.left_out] == [
        ("left-out:1", "1 won deal has no amount and is left out", 1),
        ("left-out:2", "1 deal has no exchange rate for BRL and is left out", 1),
    ]
    assert explanation.notes == ()
    assert ids(told("bookings", measure="left-out:1")) == ["D6"]
    assert ids(told("bookings", measure="LEFT-OUT:2")) == ["D7"]


def test_a_number_that_is_read_in_two_periods_has_two_names(told):
    growth = told("growth")

    assert [term.name for term in growth.terms] == ["won_value@2026-11", "won_value@2026-10", "won_valued"]
    assert ids(told("growth", measure="won_value@2026-10")) == []
    assert ids(told("growth", measure="won_value")) == ["D5", "D3", "D2", "D1"]


def test_the_formula_stands_with_its_numbers(told):
    winrate, growth = told("winrate"), told("growth")

    assert (winrate.equation.template, winrate.equation.numbers) == ("{} / {}", (6, 7))
    assert (growth.equation.template, growth.equation.numbers) == ("({} - {}) / {}", (73, 0, 0))
    assert told("bookings").equation is None
    assert winrate.definition.formula == "won deals / (won + lost deals)"
    assert told("winrate", variant="value").definition.what.startswith("Of the money")


def test_inputs_tell_how_many_rows_fill_them(told):
    deals, closed = told("winrate").inputs

    assert (deals.filled, deals.is_supplied) == ({"deals": 8}, True)
    assert (closed.filled, closed.is_supplied) == ({"deals.closed_at": 7, "deals.close_date": 0}, True)


@pytest.mark.parametrize(
    ("kpi", "key", "reason"),
    [
        ("mrr", "2026-11", "missing_input: subscriptions"),
        ("winrate", "2027-01", "not_begun"),
        ("bdrcapacity", "2026-11", "missing_input: leads.mql_at"),
    ],
)
def test_where_nothing_could_be_computed_there_are_words_and_inputs_alone(told, kpi, key, reason):
    explanation = told(kpi, key)

    assert explanation.reading.reason == reason
    assert (explanation.terms, explanation.equation, explanation.records) == ((), None, None)
    assert explanation.inputs
    with pytest.raises(ExplainError, match="nothing was counted for this answer"):
        told(kpi, key, measure="won")


def test_a_period_without_records_has_numbers_and_an_empty_list(told):
    explanation = told("winrate", "2026-01")

    assert (explanation.reading.reason, [term.number for term in explanation.terms]) == ("zero_denominator", [0, 0])
    assert (explanation.records.total, explanation.records.pages, explanation.records.rows) == (0, 1, ())


def test_the_actual_is_explained_where_no_target_is_set(told):
    explanation = told("attainment")

    assert explanation.reading.reason == "missing_input: targets"
    assert explanation.records is None  # no target was ever supplied


def test_a_breakdown_is_left_aside_and_said_so(told):
    explanation = told("winrate", by=("rep",))

    assert (explanation.ignored, explanation.reading.by) == (("by rep",), ())
    assert as_a_whole(as_a_whole(Request(CATALOGUE["winrate"], COMPANY, explanation.reading.period))).by == ()


def test_the_records_of_every_relation_have_a_label():
    assert {relation.record[0] for relation in RELATIONS if relation.record} <= set(LABELS)


OWN = Kpi(
    id="twice",
    name="Twice",
    what="Reps' days.",
    formula="odd / even",
    measures={
        "busiest": Measure(
            "done_activities", "max(n)", dated_by="at", per=("lead_id",), each=(("n", "count(*)"),), combine=Combine.MAX
        ),
        "calls": Measure("done_activities", "count_if(type = 'call')", dated_by="at"),
        "leads": Measure("done_activities", "count(distinct lead_id)", dated_by="at", combine=Combine.WHOLE),
        "late": Measure("done_activities", "count(*) filter (where at >= $start and at < $now)"),
    },
    value=Ratio("calls", "leads", records="leads"),
    unit=Unit.RATIO,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=(),
    needs=("activities",),
    names={},
    source="Acme",
    redefined=True,
)


def test_a_company_s_own_kpi_is_explained_like_any_other(told):
    assert ids(told(OWN)) == ["L1"]
    assert ids(told(OWN, measure="calls")) == ["C0"]
    assert told(OWN).definition.redefined

    busiest = Kpi(**{name: getattr(OWN, name) for name in OWN.__slots__} | {"value": Total("busiest", records="late")})
    assert (told(busiest).reading.value, ids(told(busiest, measure="busiest"))) == (2, ["C2", "C1", "C0"])
    assert told(busiest).records.total == 3


def test_the_json_has_bare_ids_exact_numbers_and_links(told, engine):
    explanation = told("bookings", measure="won_value", rows=1, number=3)
    links = {("deals", "files:D2"): "https://crm.example/D2"}
    json = explanation_json(explanation, read_directory(engine), lambda table, id_: links.get((table, id_)))

    assert list(json) == [
        "answer",
        "definition",
        "equation",
        "terms",
        "left_out",
        "inputs",
        "measures",
        "ignored",
        "records",
    ]
    assert json["terms"][0] == {
        "name": "won_value",
        "number": "73",
        "period": "2026-11",
        "start": "2026-11-01T04:00:00Z",
        "until": "2026-11-20T17:00:00Z",
        "records": 4,
        "table": "deals",
    }
    assert json["records"]["rows"] == [
        {
            "id": "D2",
            "name": "Account one",
            "owner": {"id": "R1", "name": "Ann"},
            "at": "2026-11-03T04:00:00Z",
            "values": {"value": "36", "status": "won", "pipeline": None, "industry": None},
            "url": "https://crm.example/D2",
        }
    ]
    assert json["answer"]["as_of"] == SYNCED_AT.isoformat().replace("+00:00", "Z")
