"""Looking at a source without pulling it."""

from connectors.base import Finding
from connectors.mapping import Filters
from tests.connectors.files.export import DEALS, OWNERS, Export


def findings(export: Export) -> list[Finding]:
    return list(export.connector().check())


def test_every_file_is_told_with_its_columns(export: Export) -> None:
    export.write("deals.csv", DEALS.replace("created_at", "created_at,Colour"))
    export.write("spend.csv", "Date,Cost\n2026-01-01,5\n")
    export.write("contacts.csv", "id\n1\n")
    export.maps = {"spend": {"amount": "Cost", "category": {"constant": "sales"}}}
    assert findings(export) == [
        Finding("deals", ok=True, detail="deals.csv gives id, status, created_at; not read: Colour"),
        Finding("spend", ok=True, detail="spend.csv gives date, category, amount; ids are made from the content"),
        Finding("folder", ok=True, detail="Not read, since no table is called so: contacts.csv"),
    ]


def test_each_wrong_file_is_told_beside_the_right_ones(export: Export) -> None:
    export.write("owners.csv", OWNERS)
    export.write("deals.csv", "id\n1\n")
    export.write("leads.csv", "")
    assert [(one.subject, one.ok) for one in findings(export)] == [
        ("owners", True),
        ("leads", False),
        ("deals", False),
    ]


def test_a_folder_that_cannot_be_read_is_one_finding(export: Export) -> None:
    export.path /= "nowhere"
    (finding,) = findings(export)
    assert not finding.ok
    assert "There is no folder" in finding.detail


def test_filters_are_held_against_the_files(export: Export) -> None:
    export.write("deals.csv", DEALS)
    export.filters = Filters(pipelines=("Sales",))
    assert [(one.subject, one.ok) for one in findings(export)] == [("deals", True), ("filters", False)]
    export.write("deals.csv", "id,status,created_at,pipeline\nD1,open,2026-01-01,Partner\n")
    assert 'No deal has the pipeline "Sales"' in findings(export)[-1].detail
