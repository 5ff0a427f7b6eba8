import pytest

from kpi.relations import RELATIONS, Relation
from kpi.schema import TABLES
from kpi.store.changes import record_column
from kpi.store.lineage import read_lineages, tables_read


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select 1 as one", set()),
        ("select id from deals union all select id from leads", {"deals", "leads"}),
        ("with deals as (select id from deals) select id from deals", {"deals"}),
        ("with won as (select id from deals), big as (select id from won) select id from big", {"deals"}),
        ("select id from deals where exists (select 1 from leads where leads.deal_id = deals.id)", {"deals", "leads"}),
        ("select (select count(*) from reps) as n from (select id from quotes) as q", {"reps", "quotes"}),
        (
            "select id from deals asof left join fx_intervals as fx on fx.from_at <= deals.closed_at",
            {"deals", "fx_intervals"},
        ),
        ("select n from range(3) as numbers (n)", set()),
        ("select unnest([1, 2]) as n", set()),
    ],
)
def test_the_tables_that_a_select_reads_are_told_from_its_own(sql, tables):
    assert tables_read(sql) == tables


FIRST = Relation("first", "select id, owner_id from deals")
VIEW = Relation("view", "select id from first join rep_owners using (owner_id)", kept=False)
LAST = Relation("last", "select id from view join leads using (id)")


def test_inputs_are_followed_through_relations_and_scans_through_views_alone():
    lineages = read_lineages((FIRST, VIEW, LAST))
    assert lineages["last"].inputs == {"deals", "rep_owners", "leads"}
    assert lineages["last"].scanned == {"rep_owners", "leads"}
    assert lineages["view"].scanned == {"rep_owners"}


def test_a_definition_is_another_when_that_of_a_relation_before_is():
    before = read_lineages((FIRST, VIEW, LAST))
    after = read_lineages((Relation("first", "select id, owner_id from deals where true"), VIEW, LAST))
    assert before["last"].definition != after["last"].definition
    assert before == read_lineages((FIRST, VIEW, LAST))


@pytest.mark.parametrize("relation", [each for each in RELATIONS if each.remade_by], ids=lambda each: each.name)
def test_relations_are_remade_by_a_column_of_theirs_and_by_tables_that_they_stand_on(relation):
    lineage = read_lineages(RELATIONS)[relation.name]
    loaded = {name for name in lineage.inputs if name in TABLES and record_column(TABLES[name])}
    assert relation.key in relation.columns
    assert set(relation.remade_by) <= loaded
