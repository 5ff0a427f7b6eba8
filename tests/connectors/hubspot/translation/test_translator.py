"""How rows are handed out, and when they are made anew."""

import pyarrow as pa

from connectors.hubspot.translation import TRANSLATED, Translator
from connectors.mapping import Filters, SourceSettings, parse_table_map
from kpi.schema import TABLES
from tests.connectors.hubspot.mirror_rows import MirrorRows


def _recipes(timezone="UTC", filters=None, **maps):
    tables = {table: parse_table_map(table, raw, of_files=False) for table, raw in maps.items()}
    settings = SourceSettings("crm", "hubspot", filters=filters or Filters(), maps=tables)
    translator = Translator(settings, timezone, "USD")
    return {table: translator.recipe(table) for table in TRANSLATED}


def test_every_table_but_holidays_is_made():
    assert set(TABLES) - set(TRANSLATED) == {"holidays"}


def test_an_empty_mirror_gives_no_rows():
    mirror = MirrorRows()
    assert all(mirror.rows(table) == [] for table in TRANSLATED)


def test_chunks_are_text_columns_of_the_schema_and_a_number():
    mirror = MirrorRows()
    mirror.put("deals", 1)
    (chunk,) = mirror.translator.rows(mirror.connection, "deals", None)
    assert chunk.column_names == [*TABLES["deals"].column_names, "_row"]
    assert set(chunk.schema.types[:-1]) == {pa.string()}
    assert chunk.schema.types[-1] == pa.int64()


def test_rows_come_by_their_ids_and_only_those_asked_for():
    mirror = MirrorRows()
    for id_ in (10, 9, 2):
        mirror.put("deals", id_)
    assert mirror.ids("deals") == ["2", "9", "10"]
    assert [row["id"] for row in mirror.rows("deals", "10", "2", "77", "nonsense")] == ["2", "10"]


def test_all_changes_of_a_deal_are_in_one_chunk():
    mirror = MirrorRows()
    mirror.connection.execute("insert into deals (id, created_at) select i, '2026-01-01' from range(1, 6) r(i)")
    mirror.connection.execute(
        "insert into deals__history select d.i, 'open', strftime(timestamp '2026-01-01' + interval (k) second, '%xT%XZ') "
        "from range(1, 6) d(i), range(15000) t(k)"
    )
    chunks = list(mirror.translator.rows(mirror.connection, "stage_changes", None))
    deals = [sorted(set(chunk["deal_id"].to_pylist())) for chunk in chunks]
    assert sum(chunk.num_rows for chunk in chunks) == 75_000
    assert all(chunk.num_rows <= 50_000 for chunk in chunks)
    assert [deal for ids in deals for deal in ids] == ["1", "2", "3", "4", "5"]


def test_a_recipe_changes_with_what_decides_about_rows_and_nothing_else():
    plain = _recipes()
    mapped = _recipes(quotes={"amount": "total"})
    assert [table for table in TRANSLATED if plain[table] != mapped[table]] == ["quotes"]
    won = _recipes(deals={"status": {"constant": "won"}})
    assert {"deals", "accounts", "leads", "stage_changes"} <= {
        table for table in TRANSLATED if plain[table] != won[table]
    }
    assert plain["teams"] == won["teams"]
    assert all(plain[table] != _recipes("Asia/Tokyo")[table] for table in TRANSLATED)
    assert all(plain[table] != _recipes(filters=Filters(types=("new",)))[table] for table in TRANSLATED)
    assert plain == _recipes()


def test_lists_that_all_rows_hang_on_are_named():
    translator = MirrorRows().translator
    assert {"stages", "pipelines"} <= translator.whole_after("deals")
    assert "owners" not in translator.whole_after("deals")
    assert "owners" in MirrorRows(filters=Filters(excluded_owners=("a@b.c",))).translator.whole_after("deals")
    assert translator.whole_after("teams") == {"teams"}


def test_a_table_without_records_is_never_affected_in_part():
    mirror = MirrorRows()
    mirror.put("goal_targets", 1)
    assert mirror.affected("targets", [("goal_targets", 1)]) == set()
    assert "goal_targets" in mirror.translator.whole_after("targets")
