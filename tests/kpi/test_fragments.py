"""What an expression may be: aggregates over the columns of its relation, and nothing that reaches further."""

import duckdb
import pytest

from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.fragments import FragmentError, check_expression
from kpi.relations import BY_NAME
from tests.kpi.engines.conftest import publish_in
from tests.kpi.store.conftest import URL

COLUMNS = ("amount", "cost", "status", "closed_at", "is_new")


def refusal(expression):
    with pytest.raises(FragmentError) as caught:
        check_expression(expression, COLUMNS)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kpi", CATALOGUE.values(), ids=list(CATALOGUE))
def test_every_built_in_measure_is_what_an_own_one_may_be(kpi):
    parts = (kpi, *kpi.variants)
    measures = [*kpi.measures.values(), *(doubt.measure for part in parts for doubt in part.doubts or ())]
    for measure in measures:
        columns = BY_NAME[measure.relation].columns
        assert {measure.dated_by or columns[0], *measure.per} <= set(columns)
        for _, expression in measure.each:
            check_expression(expression, columns)
        check_expression(
            measure.expression, (*measure.per, *(name for name, _ in measure.each)) if measure.per else columns
        )


@pytest.mark.parametrize(
    "expression",
    [
        "count(*)",
        "COUNT(DISTINCT status) FILTER (WHERE is_new)",
        "sum(amount) filter (where status in ('won', 'lost')) - sum(coalesce(cost, 0))",
        "sum(cast(amount as decimal(38, 4)) * 0.25) + 12",
        "sum(case when status ilike 'w%' then amount else -amount end)",
        "max(epoch_us(closed_at)) - min(epoch_us(greatest(closed_at, $start)))",
        "count(*) filter (where closed_at < $now - interval 30 days and not (status is null or is_new is true))",
        "count(*) filter (where closed_at between timestamp '2026-01-01' and $end and lower(trim(status)) <> 'x')",
        "quantile_disc(amount, 0.5) filter (where status like 'won')",
        "sum(length(status)) + abs(sum(cast(is_new as bigint)))",
        'sum("amount")',
    ],
)
def test_aggregates_of_columns_may_be(expression):
    check_expression(expression, COLUMNS)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("sum(amont)", "there is no column 'amont' here; did you mean \"amount\"?"),
        ("summ(amount)", "the function 'summ' may not be used; did you mean \"sum\"?"),
        (
            "sum(amount) / count(*)",
            "SUM(amount) / COUNT(*): a value is divided once, so write two measures and a ratio",
        ),
        ("sum(amount // 2)", "a value is divided once"),
        ("sum(amount % 2)", "a value is divided once"),
        ("count(*) over ()", "a window"),
        ("sum(deals.amount)", "deals.amount names a table: write the column alone"),
        ("amount", "amount stands outside an aggregate: write one, such as sum(amount)"),
        ("count(*) + amount", "amount stands outside an aggregate"),
        ("1", "1 counts nothing: write an aggregate (count, sum, min, max, quantile_disc)"),
        ("", "is no expression"),
        ("sum(amount", "cannot be read as SQL"),
        ("count(*) from deals", "cannot be read as SQL at 'from'"),
        ("sum(sum(amount))", "stands within another aggregate"),
        ("count(*) filter (where sum(amount) > 1)", "stands within another aggregate or a filter"),
        ("sum(distinct amount)", "distinct stands in count(distinct COLUMN) alone"),
        ("count(distinct status, amount)", "distinct stands in count(distinct COLUMN) alone"),
        ("max(amount, 3)", "max takes one expression here"),
        ("count()", "count takes one expression here"),
        ("quantile_disc(amount, 2)", "takes an expression and a number from 0 to 1"),
        ("quantile_disc(amount, cost)", "takes an expression and a number from 0 to 1"),
        ("sum(amount order by cost)", "may not be used"),
        ("avg(amount)", "the function 'avg' may not be used"),
        ("sum(cast(amount as double))", "nothing may be cast to double"),
        ("sum(cast(amount as bigint[]))", "nothing may be cast to"),
        ("sum(amount) * 1e5", "1e5 is no plain decimal: write it without an exponent"),
        ("sum(amount) * 1234567890123456789", "has too many digits"),
        ("sum(amount) + $limit", "$limit is no instant: there are $start, $end and $now"),
        ("sum(amount) + ?", "is no instant"),
        ("count(*); drop table deals", "holds a semicolon"),
        ("count(*) -- all of them", "holds a comment"),
        ("/* all */ count(*)", "holds a comment"),
        ("count(*) as n", "may not be used"),
        ("count(* exclude (amount))", "* stands in count(*) alone"),
        ("sum(columns('a.*'))", "the function 'columns' may not be used"),
        ("sum(amount[1])", "may not be used"),
        ("count(*) filter (where status = 'scoreline_now')", "holds scoreline_, which is not free to use"),
        ("sum(scoreline_now)", "there is no column 'scoreline_now'"),
        ("(" * 300 + "count(*)" + ")" * 300, "is nested too deeply"),
        ("sum(" + "+".join(["cost"] * 90) + ")", "is nested too deeply"),
        ("sum(amount)" + " " * 1000, "write at most 1,000"),
    ],
)
def test_what_is_not_on_the_list_is_refused_with_the_reason(expression, said):
    assert said in refusal(expression)


REACHING = [
    "(select 1)",
    "max((select content from read_text('/etc/passwd')))",
    "count(*) filter (where exists (select 1 from read_csv('/etc/passwd')))",
    "count(*) filter (where status in (select name from owners))",
    "count(*) filter (where status = any (select name from owners))",
    "max(read_text('/etc/passwd'))",
    "max(main.read_text('/etc/passwd'))",
    "max(glob('/etc/*'))",
    "max(getenv('HOME'))",
    "max(current_setting('access_mode'))",
    "max(pg_catalog.pg_get_viewdef(1))",
    "max(duckdb_settings())",
    "sum(list_sum(list_transform([1], x -> x + 1)))",
    "max(query('select 1'))",
    "select 1",
    "from owners",
    "attach '/tmp/other.duckdb'",
    "copy deals to '/tmp/deals.csv'",
    "pragma database_list",
    "set threads = 1",
    "install httpfs",
    "call pragma_version()",
]


@pytest.mark.parametrize("expression", REACHING)
def test_nothing_reaches_beyond_the_relation(expression, caplog):
    refusal(expression)
    assert caplog.records == []


@pytest.mark.parametrize(
    "expression",
    [
        "max((select content from read_text('/etc/passwd')))",
        "count(*) filter (where exists (select 1 from read_csv('/etc/passwd')))",
        "count(*) filter (where name in (select file from glob('/etc/*')))",
    ],
)
def test_the_store_reads_no_file_even_for_what_was_not_checked(expression, tmp_path):
    publish_in(tmp_path)
    engine = open_engine(URL, tmp_path)
    with pytest.raises(duckdb.PermissionException):
        engine.run(f"select {expression} from deals")
    engine.close()
