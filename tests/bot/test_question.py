# ruff: noqa: RUF001 (signs of other scripts and look-alike quotes are the subject here)
"""The grammar of questions: what is asked, and what is said where it is not understood."""

import time
import unicodedata
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.question import Names, QuestionError, parse_question
from kpi.formulas import AgainstTarget, Ratio, Total
from kpi.model import (
    Better,
    Cadence,
    Filter,
    Kpi,
    Measure,
    Request,
    Scope,
    ScopeType,
    Unit,
    Variant,
)
from kpi.organisation import Organisation
from kpi.periods import Calendar, Grain
from kpi.scopes import COMPANY, Directory, Rep, Team

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)  # a Sunday, the last day of W47


def a_kpi(
    id_,
    name,
    *,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team"),
    names=None,
    variants=(),
    default=None,
    ranked=True,
    is_running=True,
):
    return Kpi(
        id=id_,
        name=name,
        what="",
        formula="",
        measures={"n": Measure("closed_deals", "count(*)", dated_by="closed_instant")},
        value=Total("n", records="n"),
        unit=Unit.COUNT,
        better=Better.UP,
        cadence=cadence,
        dimensions=dimensions,
        needs=("deals",),
        names=names or {},
        source="",
        variants=variants,
        default_variant=default,
        ranked=ranked,
        default_is_running=is_running,
    )


def a_variant(name, **names):
    value = AgainstTarget("deals") if name == "deals" else Ratio("n", "n", records="n")
    return Variant(name, what="", formula="", value=value, unit=Unit.COUNT, needs=("deals",), names=names)


KPIS = (
    a_kpi(
        "winrate",
        "Win rate",
        dimensions=("rep", "team", "industry", "segment", "product"),
        names={
            "en": ("close rate",),
            "zh": ("赢单率", "胜率"),
            "ja": ("受注率",),
            "ru": ("Доля выигранных сделок", "винрейт"),
            "vi": ("Tỷ lệ thắng",),
        },
        variants=(a_variant("value"),),
    ),
    a_kpi("deals", "Deals won", names={"vi": ("Số giao dịch thành công",)}),
    a_kpi("bookings", "Bookings", names={"en": ("sales", "revenue"), "ru": ("Объём заключённых сделок",)}),
    a_kpi(
        "attainment",
        "Sales against target",
        names={"en": ("sales vs target",), "ja": ("目標達成率",)},
        variants=(a_variant("deals"),),
        default="money",
    ),
    a_kpi(
        "activities",
        "Activities",
        cadence=Cadence.WEEKLY,
        dimensions=("rep", "team", "type"),
        variants=(
            a_variant("per_rep", en=("Activities per rep",), zh=("人均活动数",), ru=("Активности на менеджера",)),
        ),
    ),
    a_kpi("mqls", "Marketing-qualified leads", dimensions=("source", "campaign", "rep", "team")),
    a_kpi("channels", "Sales by contact method", dimensions=("contact_method",)),
    a_kpi("pipeline", "Open pipeline", dimensions=("rep", "team", "pipeline", "stage")),
    a_kpi("appointments", "Appointment-set rate", dimensions=("rep", "source"), ranked=False),
    a_kpi("magic", "Magic number", cadence=Cadence.QUARTERLY, dimensions=(), is_running=False),
    a_kpi("newcustomers", "New customers", cadence=Cadence.QUARTERLY, dimensions=("segment", "rep", "team")),
)

TEAMS = (
    Team("files:T1", "EMEA"),
    Team("files:T2", "DACH", parent_id="files:T1"),
    Team("files:T3", "Sales"),
    Team("files:T4", "Team North"),
    Team("files:T5", "Bank of the West"),
    Team("files:T6", "2026 Hires"),
    Team("files:T7", "Me"),
)
ANA = Rep("files:R1", "Ana Li", "ana@acme.example", team_id="files:T1")
REPS = (
    ANA,
    Rep("files:R2", "José Ñandú", "jose@acme.example", team_id="files:T2"),
    Rep("files:R3", "Ana Pérez", "perez@acme.example", team_id="files:T3"),
    Rep("files:R4", "Shaun O'Brien"),
    Rep("files:R5", "山田太郎"),
    Rep("files:R6", "Đỗ Thị Hạnh"),
    Rep('files:a:b "c"', "Odd Id"),
    Rep("files:R7", "Łukasz Zięba", manager_id=None),
)
CAMPAIGNS = {"files:C1": "Spring Push", "files:C2": "Autumn", "files:C3": "autumn"}
DIRECTORY = Directory(REPS, TEAMS, ["files"])
CALENDAR = Calendar(Organisation(timezone="America/New_York"))


def ask(text, *, asker=ANA, directory=DIRECTORY, calendar=CALENDAR, default_scope=COMPANY) -> Request:
    return parse_question(
        text,
        Names(KPIS, directory, {"U123": REPS[1]}.get, CAMPAIGNS.copy),
        calendar=calendar,
        now=NOW,
        asker=asker,
        default_scope=default_scope,
    )


def refusal(text, **given_) -> str:
    with pytest.raises(QuestionError) as told:
        ask(text, **given_)
    return str(told.value)


@pytest.mark.parametrize(
    ("text", "kpi", "variant"),
    [
        ("winrate", "winrate", None),
        ("WinRate", "winrate", None),
        ("ＷＩＮＲＡＴＥ", "winrate", None),
        ("win rate", "winrate", None),
        ("win-rate", "winrate", None),
        ("winrate?", "winrate", None),
        ('"win rate"', "winrate", None),
        ("win\u200brate", "winrate", None),
        ("close rate", "winrate", None),
        ("赢单率", "winrate", None),
        ("胜率", "winrate", None),
        ("受注率", "winrate", None),
        ("Доля выигранных сделок", "winrate", None),
        ("ВИНРЕЙТ", "winrate", None),
        ("Tỷ lệ thắng", "winrate", None),
        ("ty le thang", "winrate", None),
        ("so giao dich thanh cong", "deals", None),
        ("объем заключенных сделок", "bookings", None),
        ("sales", "bookings", None),
        ("sales vs target", "attainment", None),
        ("winrate value", "winrate", "value"),
        ("close rate value", "winrate", "value"),
        ("胜率 value", "winrate", "value"),
        ("deals", "deals", None),
        ("attainment deals", "attainment", "deals"),
        ("attainment money", "attainment", None),
        ("目標達成率 deals", "attainment", "deals"),
        ("activities per_rep", "activities", "per_rep"),
        ("activities per rep", "activities", "per_rep"),
        ("人均活动数", "activities", "per_rep"),
        ("активности на менеджера", "activities", "per_rep"),
    ],
)
def test_a_kpi_is_asked_by_any_of_its_names(text, kpi, variant):
    request = ask(text)
    assert (request.kpi.id, request.variant) == (kpi, variant)
    assert (request.scope, request.by, request.trend) == (COMPANY, (), ())


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("winrate me", "files:R1"),
        ("ME winrate", "files:R1"),
        ("winrate my team", "files:T1"),
        ("winrate company", None),
        ("winrate <@U123>", "files:R2"),
        ("winrate <@U123|josé the (second)>", "files:R2"),
        ("winrate rep:R1", "files:R1"),
        ("winrate rep:files:R1", "files:R1"),
        ("winrate REP: r1", "files:R1"),
        ("winrate rep：R1", "files:R1"),
        ("winrate rep:'a:b \"c\"'", 'files:a:b "c"'),
        ("winrate rep:ana@acme.example", "files:R1"),
        ("winrate team:T2", "files:T2"),
        ("winrate team:emea", "files:T1"),
        ('winrate team:"Team North"', "files:T4"),
        ("winrate rep:José", "files:R2"),
        ("winrate Ana@ACME.example", "files:R1"),
        ("winrate <mailto:ana@acme.example|ana@acme.example>", "files:R1"),
        ("winrate Ana Li", "files:R1"),
        ("winrate jose nandu", "files:R2"),
        ("winrate “José Ñandú”", "files:R2"),
        ("winrate „José Ñandú“", "files:R2"),
        ("winrate «emea»", "files:T1"),
        ("winrate 「山田太郎」", "files:R5"),
        ("winrate 山田", "files:R5"),
        ("winrate shaun o’brien", "files:R4"),
        ("winrate 'Shaun O'Brien'", "files:R4"),
        ("winrate brien", "files:R4"),
        ("winrate do thi hanh", "files:R6"),
        ("winrate zieba", "files:R7"),
        ("winrate Pérez", "files:R3"),
        ("winrate EMEA", "files:T1"),
        ("winrate team EMEA", "files:T1"),
        ("winrate team bank", "files:T5"),
        ("winrate team north", "files:T4"),
        ("winrate Bank of the West", "files:T5"),
        ("winrate of the West", "files:T5"),
        ("winrate 2026 hires", "files:T6"),
        ('winrate "me"', "files:T7"),
        ("winrate Sales", "files:T3"),
        ("winrate, EMEA.", "files:T1"),
        ("winrate for EMEA", "files:T1"),
    ],
)
def test_whose_numbers_are_meant(text, scope):
    request = ask(text)
    assert request.kpi.id == "winrate"
    assert request.scope.id == scope


def test_a_scope_carries_its_kind_and_name():
    assert ask("winrate rep:R1").scope == Scope(ScopeType.REP, "files:R1", "Ana Li")
    assert ask("winrate my team").scope == Scope(ScopeType.TEAM, "files:T1", "EMEA")


def test_nobody_named_means_the_default():
    own = Scope(ScopeType.REP, "files:R2", "José Ñandú")
    assert ask("winrate last week", default_scope=own).scope == own


def test_my_team_is_the_one_that_a_teamless_manager_leads():
    head = Rep("files:M", "Head", "head@acme.example")
    directory = Directory((head, Rep("files:A", "A", team_id="files:T2", manager_id="files:M")), TEAMS, ["files"])
    assert ask("winrate my team", asker=head, directory=directory).scope.id == "files:T2"


def test_a_word_that_is_a_kpi_and_a_team_is_the_kpi_unless_there_is_another():
    assert (ask("sales").kpi.id, ask("sales").scope) == ("bookings", COMPANY)
    assert (ask("winrate sales").kpi.id, ask("winrate sales").scope.id) == ("winrate", "files:T3")
    assert (ask("sales winrate").kpi.id, ask("sales winrate").scope.id) == ("winrate", "files:T3")
    assert (ask("sales sales").kpi.id, ask("sales sales").scope.id) == ("bookings", "files:T3")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("winrate", "2026-11"),
        ("activities", "2026-W47"),
        ("newcustomers", "2026-Q4"),
        ("magic", "2026-Q3"),
        ("magic this quarter", "2026-Q4"),
        ("winrate today", "2026-11-22"),
        ("winrate yesterday", "2026-11-21"),
        ("winrate this week", "2026-W47"),
        ("winrate last week", "2026-W46"),
        ("winrate this month", "2026-11"),
        ("last month winrate", "2026-10"),
        ("winrate This Quarter", "2026-Q4"),
        ("winrate last quarter", "2026-Q3"),
        ("winrate this year", "2026"),
        ("winrate last year", "2025"),
        ("winrate 2026-11-20", "2026-11-20"),
        ("winrate 2026-W46", "2026-W46"),
        ("winrate 2026-w46", "2026-W46"),
        ("winrate 2026-10", "2026-10"),
        ("winrate ２０２６-10", "2026-10"),
        ("winrate 2026-q3", "2026-Q3"),
        ("winrate 2026", "2026"),
        ("winrate in 2025.", "2025"),
        ("winrate 2026-01-01..2026-03-31", "2026-01-01..2026-03-31"),
        ("winrate 2026-01-01 .. 2026-03-31, me", "2026-01-01..2026-03-31"),
    ],
)
def test_which_period_is_meant(text, key):
    request = ask(text)
    assert request.period == CALENDAR.parse(key)
    assert request.trend == ()


@pytest.mark.parametrize(
    ("text", "period", "first", "last", "count"),
    [
        ("winrate last 8 weeks", "2026-09-21..2026-11-15", "2026-W39", "2026-W46", 8),
        ("winrate last 1 month", "2026-10-01..2026-10-31", "2026-10", "2026-10", 1),
        ("last 4 quarters winrate", "2025-10-01..2026-09-30", "2025-Q4", "2026-Q3", 4),
        ("winrate last 3 days", "2026-11-19..2026-11-21", "2026-11-19", "2026-11-21", 3),
        ("winrate LAST 2 YEARS", "2024-01-01..2025-12-31", "2024", "2025", 2),
        ("winrate last 60 quarters", "2011-10-01..2026-09-30", "2011-Q4", "2026-Q3", 60),
    ],
)
def test_a_trend_is_finished_periods_and_the_range_of_them(text, period, first, last, count):
    request = ask(text)
    assert (request.period.key, request.period.grain) == (period, Grain.RANGE)
    assert (request.trend[0].key, request.trend[-1].key, len(request.trend)) == (first, last, count)


def test_periods_follow_the_organisation():
    fiscal = Calendar(Organisation(fiscal_year_start=4, week_start="sunday"))
    assert ask("winrate this quarter", calendar=fiscal).period.key == "2026-Q3"
    assert ask("winrate this week", calendar=fiscal).period.first_day.isoformat() == "2026-11-22"


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("winrate by rep", "rep"),
        ("winrate BY Team", "team"),
        ("by industry winrate", "industry"),
        ("winrate by products", "product"),
        ("winrate by size", "segment"),
        ("winrate by owner", "rep"),
        ("winrate by менеджер", "rep"),
        ("activities by type", "type"),
    ],
)
def test_a_breakdown_is_by_a_dimension_of_the_kpi(text, dimension):
    assert ask(text).by == (dimension,)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("winrate by rep, product", ("rep", "product")),
        ("winrate by product,rep", ("product", "rep")),
        ("winrate by rep and industry", ("rep", "industry")),
        ("winrate by team by rep", ("team", "rep")),
        ("by team last month, by rep winrate", ("team", "rep")),
        ("winrate by rep, rep", ("rep",)),
        ("channels by contact method", ("contact_method",)),
        ("channels by contact_method", ("contact_method",)),
    ],
)
def test_a_breakdown_has_up_to_two_dimensions_in_the_order_of_the_question(text, by):
    assert ask(text).by == by


def test_a_team_named_after_a_breakdown_is_no_dimension():
    request = ask("winrate by rep, team DACH")
    assert (request.by, request.scope.id) == (("rep",), "files:T2")


def test_a_word_that_is_a_dimension_and_a_kpi_is_the_kpi_unless_there_is_another():
    assert (ask("by rep, pipeline").kpi.id, ask("by rep, pipeline").by) == ("pipeline", ("rep",))
    assert (ask("pipeline by rep, pipeline").kpi.id, ask("pipeline by rep, pipeline").by) == (
        "pipeline",
        ("rep", "pipeline"),
    )


@pytest.mark.parametrize("text", ["winrate by product top 5", "top 5 winrate by product", "by product winrate, TOP 5"])
def test_of_a_breakdown_the_top_can_be_asked(text):
    assert (ask(text).by, ask(text).top) == (("product",), 5)
    assert ask("appointments by source top 3").top == 3
    assert ask("winrate by product").top is None


@pytest.mark.parametrize(
    ("text", "dimension", "values"),
    [
        ("winrate where industry=SaaS", "industry", ("SaaS",)),
        ("winrate WHERE Industry = SaaS", "industry", ("SaaS",)),
        ("where industry =SaaS winrate", "industry", ("SaaS",)),
        ("winrate where industry＝SaaS", "industry", ("SaaS",)),
        ("winrate where industry==SaaS", "industry", ("SaaS",)),
        ("winrate industry=SaaS", "industry", ("SaaS",)),
        ("winrate where industry is SaaS", "industry", ("SaaS",)),
        ("winrate where industry=SaaS?", "industry", ("SaaS",)),
        ("winrate where size=small", "segment", ("small",)),
        ("winrate where products='The one, the only'", "product", ("The one, the only",)),
        ("winrate where product=“A = B”", "product", ("A = B",)),
        ("winrate where product=a=b!=c", "product", ("a=b!=c",)),
        ("winrate where product=2026-10", "product", ("2026-10",)),
        ("winrate where product=deals", "product", ("deals",)),
        ("winrate where product='by'", "product", ("by",)),
        ("winrate where industry=SaaS,Retail", "industry", ("SaaS", "Retail")),
        ("winrate where industry='Real Estate',Retail,\"Food\"", "industry", ("Real Estate", "Retail", "Food")),
        ("winrate where industry is SaaS or Retail", "industry", ("SaaS", "Retail")),
        ("winrate where industry=SaaS,SaaS", "industry", ("SaaS",)),
        ("winrate where industry=(none)", "industry", ("(none)",)),
        ("winrate where industry=none", "industry", ("(none)",)),
        ("winrate where industry=''", "industry", ("(none)",)),
        ("winrate where industry is None", "industry", ("(none)",)),
        ("winrate where industry='none'", "industry", ("none",)),
        ("winrate where industry=SaaS,(none)", "industry", ("SaaS", "(none)")),
        ("channels where contact method=phone", "contact_method", ("phone",)),
        ("channels contact method=phone", "contact_method", ("phone",)),
        ("winrate where rep=R1", "rep", ("files:R1",)),
        ("winrate where rep=files:R1", "rep", ("files:R1",)),
        ("winrate where rep=rep:R1", "rep", ("files:R1",)),
        ("winrate where rep=me", "rep", ("files:R1",)),
        ("winrate where owner=Ana@ACME.example", "rep", ("files:R1",)),
        ("winrate where rep=<mailto:ana@acme.example|ana@acme.example>", "rep", ("files:R1",)),
        ("winrate where rep=<@U123>", "rep", ("files:R2",)),
        ("winrate where rep=Ana Li", "rep", ("files:R1",)),
        ("winrate where rep='jose nandu',Pérez", "rep", ("files:R2", "files:R3")),
        ("winrate where rep=none", "rep", ("(unassigned)",)),
        ("winrate where rep=(unassigned)", "rep", ("(unassigned)",)),
        ("winrate where team=T1,DACH", "team", ("files:T1", "files:T2")),
        ("winrate where team=my team", "team", ("files:T1",)),
        ("winrate where team is Bank of the West", "team", ("files:T5",)),
        ("mqls where campaign=C1", "campaign", ("files:C1",)),
        ("mqls where campaign=files:C1", "campaign", ("files:C1",)),
        ("mqls where campaign='spring push'", "campaign", ("files:C1",)),
        ("mqls where campaign=Autumn", "campaign", ("files:C2", "files:C3")),
        ("mqls where campaign=none", "campaign", ("(none)",)),
    ],
)
def test_a_filter_takes_only_some_records(text, dimension, values):
    assert ask(text).where == (Filter(dimension, values),)
    assert (ask(text).scope, ask(text).by, ask(text).period.key) == (COMPANY, (), "2026-11")


@pytest.mark.parametrize(
    "text",
    [
        "winrate where industry!=SaaS,Retail",
        "winrate where industry != SaaS,Retail",
        "winrate where industry≠SaaS or Retail",
        "winrate industry!=SaaS,Retail",
        "winrate where industry is not SaaS or Retail",
    ],
)
def test_a_filter_leaves_some_records_out(text):
    assert ask(text).where == (Filter("industry", ("SaaS", "Retail"), excluded=True),)


@pytest.mark.parametrize(
    "text",
    [
        "winrate where industry=SaaS where product!=A where rep=me",
        "winrate where industry=SaaS and product!=A and rep=me",
        "winrate where industry=SaaS,product!=A,rep=me",
        "winrate where industry is SaaS and product is not A and rep is me",
        "winrate where industry=SaaS, product != A, where rep is me",
    ],
)
def test_several_filters_all_hold(text):
    assert ask(text).where == (
        Filter("industry", ("SaaS",)),
        Filter("product", ("A",), excluded=True),
        Filter("rep", ("files:R1",)),
    )


def test_the_campaigns_are_read_only_for_a_filter_that_names_one():
    def none_to_be_read():
        raise AssertionError("the campaigns were read")

    names = Names(KPIS, DIRECTORY, {}.get, none_to_be_read)
    parse = partial(parse_question, calendar=CALENDAR, now=NOW, asker=ANA, default_scope=COMPANY)
    assert parse("mqls by campaign where source=web where campaign=(none)", names).kpi.id == "mqls"
    with pytest.raises(AssertionError):
        parse("mqls where campaign=x", names)


@pytest.mark.parametrize(
    ("text", "versus"),
    [
        ("winrate", None),
        ("winrate vs previous", None),
        ("winrate vs. target", None),
        ("winrate versus previous period", None),
        ("sales vs target vs previous", None),
        ("winrate vs 2026-Q3", "2026-Q3"),
        ("vs 2026-01-01..2026-03-31 winrate", "2026-01-01..2026-03-31"),
        ("winrate vs last month", "2026-10"),
        ("winrate vs last year", "2025-11"),
        ("winrate vs year ago", "2025-11"),
        ("winrate vs same period last year", "2025-11"),
        ("winrate this quarter vs the same period last year", "2025-Q4"),
        ("winrate 2026-W47 vs last year", "2025-W47"),
        ("winrate 2024-02-29 vs last year", "2023-02-28"),
        ("winrate this year vs last year", "2025"),
        ("winrate 2024 vs last year", "2025"),
        ("winrate 2024 vs year ago", "2023"),
        ("winrate last 2 months vs last year", "2025-09-01..2025-10-31"),
        ("winrate 2024-01-01..2025-06-30 vs last year", "2025"),
        ("winrate last 2 months vs last 4 months", "2026-07-01..2026-10-31"),
    ],
)
def test_an_answer_is_held_against_another_period(text, versus):
    assert ask(text).versus == (CALENDAR.parse(versus) if versus else None)


@pytest.mark.parametrize(
    "text",
    [
        "winrate value EMEA last month by rep, product where industry=SaaS and segment!=small vs last year",
        "vs last year where industry=SaaS where segment is not small by rep and product last month EMEA winrate value",
        "where industry=SaaS, last month by rep by product, vs last year, segment!=small, winrate value team:T1",
    ],
)
def test_everything_can_be_asked_at_once(text):
    request = ask(text)
    assert (request.kpi.id, request.variant, request.scope.id) == ("winrate", "value", "files:T1")
    assert (request.period.key, request.versus.key, request.by) == ("2026-10", "2025-10", ("rep", "product"))
    assert request.where == (Filter("industry", ("SaaS",)), Filter("segment", ("small",), excluded=True))


@pytest.mark.parametrize(
    "text",
    [
        "attainment deals team:T2 last quarter by rep",
        "by rep last quarter attainment deals team:T2",
        "last quarter, team:T2, by rep, attainment deals",
        "DACH by rep attainment deals last quarter",
    ],
)
def test_parts_come_in_any_order(text):
    request = ask(text)
    assert (request.kpi.id, request.variant, request.scope.id) == ("attainment", "deals", "files:T2")
    assert (request.period.key, request.by) == ("2026-Q3", ("rep",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Ask for a KPI, for example: winrate my team last month by rep."),
        (" \t\n ", "Ask for a KPI"),
        ("winrat", "There is no KPI 'winrat'. Did you mean winrate?"),
        ("winrat this month", "There is no KPI 'winrat'. Did you mean winrate?"),
        ("win", "Did you mean winrate?"),
        ("revenu", "Did you mean bookings?"),
        ("赢单", "Did you mean winrate?"),
        ("foo", "There is no KPI 'foo'. Ask for example for winrate, bookings or pipeline."),
        ("this month", "Which KPI? Ask for example for winrate, bookings or pipeline."),
        ("winrate deals", "One KPI at a time: 'winrate' or 'deals'."),
        ("winrate today 2026", "One period at a time: 'today' or '2026'."),
        ("winrate me company", "One person or team at a time: 'me' or 'company'."),
        ("winrate by", "By what? Write for example by rep."),
        ("winrate by rep by team by product", "At most 2 breakdowns at a time, not also 'by product'."),
        ("winrate by rep, team and product", "At most 2 breakdowns at a time, not also 'product'."),
        ("winrate by rep, campaign", "Win rate has no breakdown by 'campaign': write by"),
        ("winrate by rep product", "One breakdown at a time: 'by rep' or 'by product'."),
        ("winrate top 5", "Top 5 needs a breakdown: write top 5 by rep."),
        ("winrate top 5 by rep, team", "Top 5 needs one breakdown: write top 5 by rep."),
        ("winrate top 0 by rep", "There can be 1 to 99 lines at the top"),
        ("winrate top 100 by rep", "There can be 1 to 99 lines at the top"),
        ("winrate top 5 by rep top 3", "One top at a time: 'top 5' or 'top 3'."),
        ("appointments top 3 by rep", "Appointment-set rate puts nobody in order: leave out top 3."),
        ("magic by rep", "Magic number has no breakdown: it is one figure."),
        ("magic where type=new", "Magic number has no filter: it is one figure."),
        ("magic top 3", "Magic number has no breakdown: it is one figure."),
        ("winrate where", "Where what? Write for example where type=new."),
        ("winrate where industry SaaS", "Where what? Write for example where type=new."),
        ("winrate industry", "'industry' says nothing by itself. Did you mean by industry?"),
        (
            "winrate where industry=",
            "No value for 'industry': write it after =, in quotes if it has blanks, or (none).",
        ),
        ("winrate where industry= by rep", "No value for 'industry'"),
        ("winrate where industry=a, by rep, b", "'b' is"),
        ("winrate where industry is", "No value for 'industry'"),
        ("winrate where industry is not", "No value for 'industry'"),
        ("winrate where industry=a or", "No value for 'industry'"),
        ("winrate where indutsry=SaaS", "Win rate has no filter on 'indutsry': filter on industry"),
        ("winrate where campaign=Autumn", "Win rate has no filter on 'campaign': filter on"),
        ("winrate where type=new", "Win rate has no filter on 'type': filter on"),
        ("winrate where product=a, b", "Write several values without a blank, as in product=a,b"),
        ("winrate where product=a and b", "Write several values without a blank, as in product=a,b"),
        ("winrate where product=a or industry=b", "Filters hold all together"),
        ("winrate = SaaS", "What has that value? Write for example where type=new."),
        ("winrate where rep=R9", "There is no rep 'R9'."),
        ("winrate where rep=team:T1", "There is no rep 'T1'."),
        ("winrate where rep=Ana", "'Ana' may be 'Ana Li' (rep:R1), 'Ana Pérez' (rep:R3). Write the id"),
        ("winrate where team=DAHC", "There is no team 'DAHC'. Did you mean 'DACH'?"),
        ("winrate where rep=<@U999>", "The CRM does not know the person you mention"),
        ("mqls where campaign='Sprnig Push'", "There is no campaign 'Sprnig Push'. Did you mean 'Spring Push'?"),
        ("mqls where campaign=C9", "There is no campaign 'C9'. Write its name, or the id as in the CRM."),
        ("winrate vs", "Against what? Write for example vs last year or vs 2026-10."),
        ("winrate vs EMEA", "Against what?"),
        ("winrate vs 2026-13", "There is no '2026-13'"),
        ("winrate vs 2026-10 vs last year", "One comparison at a time: 'vs 2026-10' or 'vs last year'."),
        ("winrate 1900-W05 vs last year", "The year 1899 is out of reach"),
        ("winrate by prodcut", "Win rate has no breakdown by 'prodcut': write by product"),
        ("attainment by industry", "Sales against target has no breakdown by 'industry': write by rep or team."),
        ("winrate team", "'team' says nothing by itself. Did you mean by team?"),
        ("winrate this month value", "'value' goes right after the KPI: write winrate value."),
        ("winrate Ana", "'Ana' may be 'Ana Li' (rep:R1), 'Ana Pérez' (rep:R3). Write the id"),
        ("winrate Anna", "Did you mean 'Ana Li' or 'Ana Pérez'?"),
        ("winrate Jozé", "Did you mean 'José Ñandú'?"),
        ("winrate rep:R9", "There is no rep 'R9'. Write the name, or the id as in the CRM."),
        ("winrate team:DAHC", "There is no team 'DAHC'. Did you mean 'DACH'?"),
        ("winrate team:R1", "There is no team 'R1'."),
        ("winrate rep:", "Which rep? Write its id right after rep: as in rep:R1."),
        ("winrate nobody@acme.example", "The CRM has nobody with the email 'nobody@acme.example'"),
        ("winrate <@U999>", "The CRM does not know the person you mention"),
        ("winrate thsi month", "Did you mean this month or last month?"),
        ("winrate last", "Did you mean last week, last month or last quarter?"),
        ("winrate my", "Did you mean my team?"),
        ("winrate last 0 weeks", "A trend has 1 to 60 weeks"),
        ("winrate last 61 months", "A trend has 1 to 60 months"),
        ("winrate last 99999999999999999999 days", "A trend has 1 to 60 days"),
        ("winrate last 8", "Last '8' of what? Write for example last 8 weeks."),
        ("winrate last 8 bananas", "of what?"),
        ("winrate Q3", "Q3 of which year? Write 2026-Q3."),
        ("winrate 2026-13", "There is no '2026-13': a year has the months 01 to 12."),
        ("winrate 2026-03-31..2026-01-01", "The period ends before it begins"),
        ("winrate 2026-01-01..", "A range is from day to day"),
        ("winrate 20.11.2026", "'20.11.2026' is not a period"),
        ('winrate "EMEA', "A quote is not closed: '\"EMEA'."),
        ("winrate gibberish", "'gibberish' is no person, team or period that is known."),
        ("winrate 'company'", "'company' is"),
    ],
)
def test_what_is_not_understood_is_told_with_the_nearest_thing_to_write(text, words):
    assert words in refusal(text)


def test_an_unknown_asker_is_told_what_to_write_instead():
    for text in ("winrate me", "winrate my team"):
        assert refusal(text, asker=None) == (
            "The CRM does not know who asks: write company, an email, rep:ID or team:ID."
        )
    assert "has you in no team" in refusal("winrate my team", asker=REPS[3])


def test_an_id_in_two_sources_is_told_with_both():
    twice = Directory((Rep("a:R1", "One"), Rep("b:R1", "Two")), (), ["a", "b"])
    assert refusal("winrate rep:R1", directory=twice).startswith("'R1' may be 'One' (rep:a:R1), 'Two' (rep:b:R1).")
    assert ask("winrate rep:b:R1", directory=twice).scope.id == "b:R1"


def test_of_many_namesakes_three_are_listed_by_what_can_be_written():
    many = Directory([Rep(f"files:{n} x", "Jo Smith") for n in range(5)], (), ["files"])
    told = refusal("winrate jo smith", directory=many)
    assert told.count("rep:") == 3
    assert "and 2 more" in told
    assert ask('winrate rep:"2 x"', directory=many).scope.id == "files:2 x"


HOSTILE = (
    "x" * 3000,
    "winrate " + "x" * 490,
    "winrate " + "z " * 240,
    "winrate " + "last " * 98,
    "by " * 160,
    '"' * 499,
    "' " * 240,
    "winrate " + '"a ' * 160,
    "rep:" * 120,
    "<@U" * 160,
    "<!channel>",
    "winrate <!channel> <!everyone>",
    "winrate'; DROP TABLE deals; --",
    "winrate\x00",
    "winrate \x1b[31mred\x07",
    "winrate \u202egnirts\u202c",
    "winrate 🎉👩\u200d👩\u200d👧",
    "\ud800 \udfff",
    "winrate rep:\x00",
    "winrate rep:'" + "x" * 400 + "'",
    "winrate " + "a" * 300 + "@acme.example",
    "winrate by " + "x" * 400,
    "winrate 2026-" + "1" * 400,
    "winrate last " + "9" * 400 + " weeks",
    "winrate " + "x" * 200 + " this month " + "y" * 200,
    "where " * 83,
    "=" * 499,
    "where product=" * 35,
    "winrate where product=" + "a," * 200,
    "winrate where " + "x" * 400 + "=y",
    "winrate where rep=" + "x" * 400,
    "mqls where campaign=" + "x" * 400,
    "winrate where product=\x00\u202e",
    "vs " * 160,
    "winrate vs vs 2026",
    "top 5 " * 80,
    "winrate top " + "9" * 400 + " by rep",
    "winrate by rep" + ", rep" * 90,
)


def refusal_or_none(text) -> str | None:
    try:
        ask(text)
    except QuestionError as error:
        return str(error)
    return None


def is_plain_and_short(told: str) -> bool:
    return told.isprintable() and len(told) < 300


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_one_clear_line_in_time(text):
    before = time.perf_counter()
    told = refusal_or_none(text)
    assert time.perf_counter() - before < 2
    assert told is None or is_plain_and_short(told)
    assert told is None or not any(text[at : at + 81] in told for at in range(len(text) - 80))


def test_hostile_names_from_the_crm_reach_no_message_raw():
    hostile = Directory([Rep(f"files:{n}", f"Eve\u202e\n\x00{'x' * 200} {n}") for n in range(3)], (), ["files"])
    assert is_plain_and_short(refusal("winrate eve", directory=hostile))


PIECES = (
    *(
        "=",
        "!=",
        "where type",
        "is",
        "not",
        "or",
        "and",
        "top",
        "product",
        "campaign",
        "(none)",
        "year ago",
        "previous",
    ),
    *(
        "winrate",
        "win",
        "value",
        "deals",
        "sales",
        "vs",
        "where",
        "by",
        "rep",
        "team",
        "rep:",
        "team:",
        "R1",
        "me",
        "my",
    ),
    *("company", "this", "last", "8", "61", "weeks", "month", "2026", "2026-W46", "..", "today", "Q3", "EMEA", "Ana"),
    *("<@U123>", "<@U9", "a@b", '"', "'", "“", "”", "«", "赢单率", "\u202e", "\x00", ",", "?", ".", "ß", "İ", "´", "½"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(("", " ", "  ")))
def test_any_mixture_of_parts_is_read_or_refused(pieces, between):
    told = refusal_or_none(between.join(pieces))
    assert told is None or is_plain_and_short(told)


@given(st.sampled_from(("product", "rep", "campaign")), st.sampled_from(("=", " != ", " is ")), st.text(max_size=60))
def test_any_value_is_read_or_refused(dimension, equals, value):
    told = refusal_or_none(f"winrate where {dimension}{equals}{value}")
    assert told is None or is_plain_and_short(told)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Z")), min_size=1, max_size=60))
def test_any_value_in_quotes_is_taken_as_it_stands(value):
    normal = unicodedata.normalize("NFKC", value)
    assume(not set(normal) & set(" \t\"”“'") and normal not in ("", "(none)", "(unassigned)"))
    assert ask(f'winrate where product="{value}"').where == (Filter("product", (normal,)),)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text):
    told = refusal_or_none("winrate " + text)
    assert told is None or is_plain_and_short(told)


@given(st.sampled_from(REPS + TEAMS))
def test_everybody_is_found_by_id_and_by_quoted_name(who):
    kind = "rep" if isinstance(who, Rep) else "team"
    for text in (f"winrate {kind}:'{who.id}'", f"winrate {kind}:'{who.id.partition(':')[2]}'", f'winrate "{who.name}"'):
        assert ask(text).scope.id == who.id


def test_a_question_to_ten_thousand_people_is_read_in_time():
    large = Directory(
        [Rep(f"files:R{n}", f"Zoë Number{n}", f"r{n}@acme.example") for n in range(10_000)], (), ["files"]
    )
    before = time.perf_counter()
    assert ask("winrate zoe number777 last month", directory=large).scope.id == "files:R777"
    assert "and 9997 more" in refusal("winrate zoe", directory=large)
    assert time.perf_counter() - before < 2
