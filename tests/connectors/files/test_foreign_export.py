"""A foreign CRM's export, with the dirt that such exports have, read by a mapping."""

import tomllib

from tests.connectors.files.export import Export, cursors_of

DEALS = """\
Id,Deal Owner Name,Closing Date,Stage,Created Time,Offer Total Amount,Education Type,Unnamed: 7
900100,Charlie Davis,21.06.2024,Payment Done,20.06.2024 23:30,11000,Morning,
900101,Ulysses Adams,,Payment Done,21.06.2024 15:30,"€ 2.900,00",,"Це нотатка, не дані"
900102,Charlie Davis,21.06.2024,Lost,21.06.2024 14:45,0,,
900103,,,Waiting For Payment,31.03.2024 02:30,,,
900100,Charlie Davis,22.06.2024,Lost,22.06.2024 10:00,5,,
,,,,,,#REF!,
,,,,,,,
"""
SPEND = "Date,Source,Campaign,Spend\n2024-06-01,Ads,wide,0.01\n2024-06-01,Ads,wide,0.01\n2024-06-02,Ads,,149523.43\n"
CONFIGURATION = """
[deals]
owner_id = "Deal Owner Name"
amount = "Offer Total Amount"
status = {column = "Stage", values = {"Payment Done" = "won", "Lost" = "lost"}, otherwise = "open"}
created_at = {column = "Created Time", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}
close_date = {column = "Closing Date", format = "%d.%m.%Y"}
currency = {constant = "EUR"}

[owners]
file = "deals.csv.gz"
distinct = true
id = "Deal Owner Name"
name = "Deal Owner Name"

[spend]
category = {constant = "marketing"}
amount = "Spend"
campaign_id = "Campaign"
"""


def test_a_foreign_export_is_read_whole(export: Export) -> None:
    export.maps = tomllib.loads(CONFIGURATION)
    export.write("deals.csv.gz", DEALS)
    export.write("spend.csv.gz", SPEND)
    batches = export.pull()
    rows = {batch.table: batch.rows.to_pylist() for batch in batches}

    assert [row["name"] for row in rows["owners"]] == ["Charlie Davis", "Ulysses Adams"]
    assert [(row["id"], row["status"], row["close_date"], row["created_at"]) for row in rows["deals"]] == [
        ("900100", "won", "2024-06-21", "2024-06-20T21:30:00Z"),
        ("900101", "won", "", "2024-06-21T13:30:00Z"),
        ("900102", "lost", "2024-06-21", "2024-06-21T12:45:00Z"),
        ("900103", "open", "", "2024-03-31T01:30:00Z"),
        ("900100", "lost", "2024-06-22", "2024-06-22T08:00:00Z"),
        ("", "", "", ""),
        ("", "", "", ""),
    ]
    assert rows["deals"][1]["amount"] == "€ 2.900,00"
    assert [(row["amount"], row["campaign_id"]) for row in rows["spend"]] == [
        ("0.01", "wide"),
        ("0.01", "wide"),
        ("149523.43", ""),
    ]
    assert len({row["id"] for row in rows["spend"]}) == 3
    assert not any(batch.notices or batch.unreadable for batch in batches)
    assert all(batch.pulled == 0 for batch in export.pull(cursors_of(batches)))
