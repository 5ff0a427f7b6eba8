"""Ids for rows that have none, and rows that are one."""

from tests.connectors.files.export import Export, cursors_of

SPEND = {"date": "Day", "amount": "Cost", "category": {"constant": "marketing"}}


def spend_ids(export: Export, *lines: str) -> list[str | None]:
    export.write("spend.csv", "Day,Cost,Note\n" + "".join(f"{line}\n" for line in lines))
    export.maps = {"spend": SPEND}
    return export.column("spend", "id")


def test_an_id_is_made_of_the_content_and_the_place_among_equals(export: Export) -> None:
    ids = spend_ids(export, "2026-01-01,5,a", "2026-01-02,5,b", "2026-01-01,5,c", "2026-01-01,5,d")
    assert len(set(ids)) == 4
    endings = [(id_ or "").rpartition("-")[2] for id_ in ids]
    assert endings == ["1", "1", "2", "3"]


def test_made_ids_do_not_hang_on_other_rows_or_their_order(export: Export) -> None:
    first, second = spend_ids(export, "2026-01-01,5,", "2026-01-02,7,")
    assert spend_ids(export, "2026-01-02,7,", "2026-01-03,1,", "2026-01-01,5,")[::2] == [second, first]


def test_an_id_column_of_the_export_is_kept(export: Export) -> None:
    export.write("spend.csv", "ID,Day,Cost\nS1,2026-01-01,5\n")
    export.maps = {"spend": SPEND}
    assert export.column("spend", "id") == ["S1"]


def test_owners_are_read_out_of_the_deals(export: Export) -> None:
    export.write("deals.csv", "Id,Owner\nD1,Ann\nD2,Bo\nD3, Ann \nD4,\nD5,Bo\n")
    export.maps = {
        "owners": {"file": "deals.csv", "distinct": True, "id": "Owner", "name": "Owner"},
        "deals": {"status": {"constant": "open"}, "created_at": {"constant": "2026-01-01"}, "owner_id": "Owner"},
    }
    batches = export.pull()
    assert batches[0].rows.to_pylist() == [
        {"id": "Ann", "name": "Ann", "_row": 1},
        {"id": "Bo", "name": "Bo", "_row": 2},
    ]
    assert [(batch.table, batch.pulled) for batch in batches] == [("owners", 5), ("deals", 5)]
    assert all(batch.pulled == 0 for batch in export.pull(cursors_of(batches)))


def test_without_an_id_equal_rows_are_one_when_they_shall_be(export: Export) -> None:
    export.write("export.csv", "Day,Cost\n2026-01-01,5\n2026-01-01,5\n2026-01-02,5\n")
    export.maps = {
        "spend": {**SPEND, "file": "export.csv", "distinct": True},
        "holidays": {"file": "export.csv", "distinct": True, "date": "Day"},
    }
    ids = export.column("spend", "id")
    assert len(ids) == len(set(ids)) == 2
    assert export.column("holidays", "date") == ["2026-01-01", "2026-01-02"]
