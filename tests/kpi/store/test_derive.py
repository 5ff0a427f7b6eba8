"""What is derived stands in the writer's file from one publish to the next, and only what is stale is made anew."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.organisation import Organisation
from kpi.relations import RELATIONS, Relation
from kpi.schema import TABLES, Column, Type
from kpi.scopes import Override
from kpi.store import changes, open_writer
from kpi.store.changes import record_column
from kpi.store.remake import sql_of

from .conftest import BEGAN, NEW_YORK, URL, Row, batch, deal, listing, rows_of

DEALS = Relation("deal_amounts", "select id as deal_id, amount, $currency as currency from deals where status = 'won'")
BY_ACCOUNT = Relation(
    "account_amounts",
    """
    with sums as (select account_id, sum(amount) as amount from deals group by account_id)
    select accounts.id as account_id, accounts.region, sums.amount
    from accounts left join sums on sums.account_id = accounts.id
    """,
    key="account_id",
    remade_by={"accounts": "id", "deals": "account_id"},
    ordered_by="region",
)
BY_DEAL = Relation(
    "deal_regions",
    "select deals.id as deal_id, account_amounts.region from deals left join account_amounts using (account_id)",
    key="deal_id",
    remade_by={
        "deals": "id",
        "accounts": "select deals.id from deals join changed on changed.id = deals.account_id",
    },
)
REGIONS = Relation("regions", "select distinct region from account_amounts where region is not null", kept=False)


def publish(writer, *relations, sources=("files",), overrides=()):
    return writer.publish(dict.fromkeys(sources, BEGAN), overrides, sources, relations=relations)


def mark(writer, table, column="region"):
    """Writes 'kept' in all rows of a derived table: what is made anew later has it no more."""
    writer._connection.execute(f"update {table} set {column} = 'kept'")


def test_a_relation_whose_inputs_are_as_before_is_not_made_anew(writer):
    writer.load("files", listing("accounts", [{"id": "A", "region": "EMEA"}]))
    publish(writer, BY_ACCOUNT)
    mark(writer, "account_amounts")
    writer.load("files", listing("accounts", [{"id": "A", "region": "EMEA"}]))
    writer.load("files", batch("deals", [], starts=True, ends=True))
    writer.load("files", listing("holidays", [{"date": "2026-12-25"}]))
    publish(writer, BY_ACCOUNT)
    assert rows_of(writer, "select region from account_amounts") == [("kept",)]


def accounts(count: int) -> list[Row]:
    return [{"id": f"A{n}", "region": f"r{n}"} for n in range(count)]


def test_only_the_rows_of_changed_records_are_made_anew(writer):
    deals = [deal(f"D{n}", account_id=f"A{n}", amount="1") for n in range(30)]
    writer.load("files", listing("accounts", accounts(30)))
    writer.load("files", listing("deals", deals))
    publish(writer, BY_ACCOUNT, BY_DEAL)
    mark(writer, "account_amounts")
    mark(writer, "deal_regions")
    writer.load("files", batch("deals", [deal("D1", account_id="A2", amount="5")], deleted=("D3",), ends=True))
    publish(writer, BY_ACCOUNT, BY_DEAL)
    anew = (
        "select split_part(account_id, ':', 2), region, amount from account_amounts where region <> 'kept' order by 1"
    )
    assert rows_of(writer, anew) == [("A1", "r1", None), ("A2", "r2", 6), ("A3", "r3", None)]
    assert rows_of(writer, "select deal_id, region from deal_regions where region <> 'kept'") == [("files:D1", "r2")]
    assert rows_of(writer, "select count(*) from deal_regions") == [(29,)]


@pytest.mark.parametrize("name", ["main", "temp", "system", "it's", "日本 語", "_was", "select"])
def test_a_part_is_made_anew_whatever_the_file_is_called(tmp_path, name):
    with open_writer(f"duckdb:///{name}.duckdb", NEW_YORK, base=tmp_path) as writer:
        writer.load("files", listing("accounts", accounts(30)))
        for deal_id in ("D1", "D2"):
            writer.load("files", batch("deals", [deal(deal_id, account_id="A2", amount="5")], ends=True))
            publish(writer, BY_ACCOUNT, BY_DEAL)
        assert rows_of(writer, "select amount from account_amounts where amount is not null") == [(10,)]
        assert rows_of(writer, "select deal_id, region from deal_regions order by 1") == [
            ("files:D1", "r2"),
            ("files:D2", "r2"),
        ]


def test_many_changes_make_it_anew_as_a_whole(writer):
    writer.load("files", listing("accounts", accounts(30)))
    publish(writer, BY_ACCOUNT)
    mark(writer, "account_amounts")
    changed = [{**row, "region": "x"} for row in accounts(4)]
    writer.load("files", batch("accounts", changed, ends=True))
    publish(writer, BY_ACCOUNT)
    assert rows_of(writer, "select count(*) from account_amounts where region = 'kept'") == [(0,)]
    assert rows_of(writer, "select region from account_amounts limit 1") == [("r10",)]  # in the order of the region


def test_a_listing_changes_what_it_brings_otherwise_than_before(writer):
    writer.load("files", listing("accounts", accounts(30)))
    publish(writer, BY_ACCOUNT)
    mark(writer, "account_amounts")
    writer.load(
        "files", listing("accounts", [{**row, "region": "x"} if row["id"] == "A7" else row for row in accounts(29)])
    )
    publish(writer, BY_ACCOUNT)
    assert rows_of(writer, "select distinct region from account_amounts order by 1") == [("kept",), ("x",)]
    assert rows_of(writer, "select count(*) from account_amounts") == [(29,)]


STAGES = Relation(
    "deal_stages",
    "select deal_id, string_agg(stage, ' ' order by row_number) as stages from stage_changes group by deal_id",
    key="deal_id",
    remade_by={"stage_changes": "deal_id"},
)


def test_of_rows_without_ids_only_those_of_changed_records_are_made_anew(writer):
    came = [{"deal_id": f"D{n}", "stage": f"s{n}", "at": "2026-02-01"} for n in range(40)]
    writer.load("files", listing("stage_changes", came))
    publish(writer, STAGES)
    anew = "select split_part(deal_id, ':', 2), stages from deal_stages where stages <> 'kept' order by 1"
    mark(writer, "deal_stages", "stages")
    changed = [came[1], {**came[1], "stage": "won"}]
    writer.load("files", batch("stage_changes", changed, deleted=("D2",), ends=True))
    publish(writer, STAGES)
    assert rows_of(writer, anew) == [("D1", "s1 won")]
    assert rows_of(writer, "select count(*) from deal_stages") == [(39,)]
    mark(writer, "deal_stages", "stages")
    writer.load("files", listing("stage_changes", [*came[:1], *changed, *came[3:39], {**came[39], "stage": "lost"}]))
    publish(writer, STAGES)
    assert rows_of(writer, anew) == [("D39", "lost")]
    assert rows_of(writer, "select count(*) from deal_stages") == [(39,)]


def test_another_definition_currency_or_kind_makes_it_anew(tmp_path):
    relations = [DEALS]
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        writer.load("files", listing("deals", [deal("1", amount="5"), deal("2", status="lost")]))
        publish(writer, *relations)
    with open_writer(URL, Organisation(currency="EUR"), base=tmp_path) as writer:
        publish(writer, *relations)
        assert rows_of(writer, "select currency from deal_amounts") == [("EUR",)]
        publish(writer, Relation("deal_amounts", "select id, $currency as currency from deals", kept=False))
        assert len(rows_of(writer, "from deal_amounts")) == 2
        publish(writer, DEALS)
        assert len(rows_of(writer, "from deal_amounts")) == 1
        publish(writer)
        assert rows_of(writer, "select 1 from duckdb_tables() where table_name = 'deal_amounts'") == []


def test_a_view_is_published_and_reads_what_is_published_with_it(published):
    engine = published(listing("accounts", accounts(3)), relations=(BY_ACCOUNT, REGIONS))
    assert sorted(engine.run("from regions")) == [("r0",), ("r1",), ("r2",)]
    engine = published(listing("accounts", accounts(1)), relations=(BY_ACCOUNT, REGIONS))
    assert engine.run("from regions") == [("r0",)]


def test_calculated_tables_make_what_reads_them_anew_when_their_rows_differ(writer):
    reps = Relation("rep_roles", "select id, role from reps")
    owners = [{"id": "1", "name": "Ann", "email": "ann@x.example", "role": "ae"}]
    writer.load("files", listing("owners", owners))
    publish(writer, reps)
    mark(writer, "rep_roles", "role")
    writer.load("files", listing("owners", owners))
    publish(writer, reps)
    assert rows_of(writer, "select role from rep_roles") == [("kept",)]
    publish(writer, reps, overrides=[Override("ann@x.example", role="manager")])
    assert rows_of(writer, "select role from rep_roles") == [("manager",)]


def test_a_source_that_comes_back_under_its_name_is_read_anew(writer):
    for source in ("a", "b"):
        writer.load(source, listing("deals", [deal("1", amount="1")]))
    publish(writer, DEALS, sources=("a", "b"))
    writer.forget(["b"])
    writer.load("a", listing("deals", [deal("1", amount="2")]))
    publish(writer, DEALS, sources=("a", "b"))
    assert sorted(rows_of(writer, "select deal_id, amount from deal_amounts")) == [("a:1", 2), ("b:1", 1)]


def test_what_is_the_writers_alone_is_not_published(writer, published):
    writer.load("files", listing("deals", [deal("1"), deal("2")]))
    engine = published(batch("deals", [], deleted=("2",), ends=True))
    tables = {name for (name,) in engine.run("select table_name from duckdb_tables()")}
    assert tables.isdisjoint({"passes", "gone", "spans"})


def test_a_publish_that_was_cut_short_is_made_up_for(writer, monkeypatch):
    writer.load("files", listing("accounts", accounts(30)))
    publish(writer, BY_ACCOUNT, BY_DEAL)
    writer.load("files", batch("accounts", [{"id": "A1", "region": "x"}], ends=True))

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("kpi.store.derive.note_made", fail)
        with pytest.raises(KeyboardInterrupt):
            publish(writer, BY_ACCOUNT, BY_DEAL)
    with monkeypatch.context() as patched:
        patched.setattr("kpi.store.publish.shutil.copyfile", fail)
        with pytest.raises(KeyboardInterrupt):
            publish(writer, BY_ACCOUNT, BY_DEAL)
    writer.load("files", batch("accounts", [{"id": "A2", "region": "y"}], ends=True))
    publish(writer, BY_ACCOUNT, BY_DEAL)
    found = dict(rows_of(writer, "select account_id, region from account_amounts"))
    assert (found["files:A1"], found["files:A2"], found["files:A3"]) == ("x", "y", "r3")


IDS = [str(n) for n in range(1, 6)]
TIMES = ["2026-01-31T09:30:00Z", "2026-02-01T00:00:00Z", "2026-03-08", "2026-03-09T12:00:00Z", "2026-05-01T10:00:00Z"]
VALUES = {
    Type.ID: IDS,
    Type.TEXT: ["a", "b"],
    Type.TIME: TIMES,
    Type.DATE: ["2026-01-31", "2026-03-08", "2026-05-01"],
    Type.MONEY: ["0", "5", "99999999999999.9999"],
    Type.DECIMAL: ["1", "2.5", "25000"],
    Type.PROBABILITY: ["0", "0.5", "1"],
    Type.INT: ["1", "12"],
    Type.BOOL: ["true", "false"],
}
CURRENCIES = ["USD", "EUR", "VND"]


def value_of(column: Column, random: Random) -> str | None:
    if not column.required and random.random() < 0.3:
        return None
    if column.name == "currency":
        return random.choice(CURRENCIES)
    return random.choice(column.values or VALUES[column.type])


def edit(writer, table_name: str, seed: int) -> None:
    """Brings, deletes or lists some rows, whatever they are."""
    random = Random(seed)  # noqa: S311 - drawn by hypothesis
    table = TABLES[table_name]
    rows = [{c.name: value_of(c, random) for c in table.columns} for _ in range(random.randint(0, 4))]
    if record_column(table) is None or random.random() < 0.2:
        writer.load("files", listing(table_name, rows))
    else:
        writer.load(
            "files", batch(table_name, rows, deleted=tuple(random.sample(IDS, random.randint(0, 2))), ends=True)
        )


def differing(writer, relations) -> list[str]:
    """The relations whose table is not what their select gives now."""
    wrong = []
    for relation in relations:
        made, anew = f"select * from {relation.name}", f"select * from ({sql_of(relation, 'USD')})"
        sql = f"select count(*) from (({made} except all {anew}) union all ({anew} except all {made}))"
        if relation.kept and rows_of(writer, sql) != [(0,)]:
            wrong.append(relation.name)
    return wrong


@pytest.fixture(scope="module")
def lasting_writer(tmp_path_factory):
    """Holds every change to be few, so that all that can be is made in part."""
    with (
        pytest.MonkeyPatch.context() as patched,
        open_writer(URL, NEW_YORK, base=tmp_path_factory.mktemp("s")) as opened,
    ):
        patched.setattr(changes, "_FEW", 0)
        for table in TABLES:
            opened.load("files", listing(table, []))
        yield opened


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from(list(TABLES)), st.integers(0, 2**32)), min_size=1, max_size=5))
def test_the_same_rows_give_the_same_tables_whether_made_whole_or_in_part(lasting_writer, edits):
    relations = (*RELATIONS, BY_ACCOUNT, BY_DEAL, STAGES)
    for table, seed in edits:
        edit(lasting_writer, table, seed)
    publish(lasting_writer, *relations)
    assert differing(lasting_writer, relations) == []


def test_a_source_of_a_table_may_go_once_its_rows_are_made_use_of(writer):
    for source in ("one", "two"):
        writer.load(source, listing("accounts", [{"id": "A", "region": "EMEA"}]))
        writer.load(source, listing("deals", [deal("D1", account_id="A", amount="5")]))
        publish(writer, BY_ACCOUNT, sources=("one", "two") if source == "two" else ("one",))
    writer.forget(["one"])

    publish(writer, BY_ACCOUNT, sources=("one",))

    assert rows_of(writer, "select account_id, amount from account_amounts") == [("one:A", 5)]
