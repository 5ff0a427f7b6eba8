"""What counts: ``[source.include]`` and ``[source.exclude]``."""

import pytest

from connectors.base import SourceError
from connectors.mapping import Filters
from tests.connectors.files.export import OWNERS, Export


@pytest.fixture
def company(export: Export) -> Export:
    export.write("owners.csv", OWNERS)
    export.write("accounts.csv", "id,owner_id\nA1,R1\nA2,T\n")
    export.write("leads.csv", "id,email,owner_id,deal_id,created_at\n"
        "L1,jo@client.example,R1,D1,2026-01-01\n"
        "L2,qa@Acme.example,R1,D2,2026-01-01\n"
        "L3,qa@eu.acme.example,R2,,2026-01-01\n"
        "L4,jo@notacme.example,T,,2026-01-01\n"
        "L5,,R1,,2026-01-01\n")  # fmt: skip
    export.write("deals.csv", "id,status,created_at,owner_id,lead_id,pipeline,type\n"
        "D1,open,2026-01-01,R1,L1,Sales,new\n"
        "D2,open,2026-01-01,R1,,Sales,new\n"
        "D3,open,2026-01-01,R2, L3 ,Sales,new\n"
        "D4,open,2026-01-01,T,,Sales,new\n"
        "D5,open,2026-01-01,R1,,Partner,new\n"
        "D6,open,2026-01-01,R1,, sales ,renewal\n"
        "D7,open,2026-01-01,R1,,,\n")  # fmt: skip
    deals = [f"D{number}" for number in range(1, 8)]
    export.write("stage_changes.csv", "deal_id,stage,at\n" + "".join(f"{deal},New,2026-01-01\n" for deal in deals))
    export.write("quotes.csv", "id,deal_id,sent_at\n" + "".join(f"Q{deal[1]},{deal},2026-01-01\n" for deal in deals))
    export.write("line_items.csv", "id,deal_id,product\n" + "".join(f"I{deal[1]},{deal},X\n" for deal in deals))
    export.write("subscriptions.csv", "id,account_id,deal_id,mrr,started_at\n"
        + "".join(f"S{deal[1]},A1,{deal},1,2026-01-01\n" for deal in deals))  # fmt: skip
    export.write("activities.csv", "id,type,owner_id,lead_id,deal_id,at\n"
        "V1,call,R1,L1,,2026-01-01\nV2,call,R1,L2,,2026-01-01\nV3,call,R1,,D3,2026-01-01\nV4,call,R1,,D4,2026-01-01\n"
        "V5,call,R1,,D5,2026-01-01\nV6,call,T,,,2026-01-01\nV7,call,,,,2026-01-01\n")  # fmt: skip
    return export


def kept(export: Export, filters: Filters) -> dict[str, str]:
    export.filters = filters
    numbers: dict[str, str] = {}
    for batch in export.pull():
        key = "id" if "id" in batch.rows.column_names else "deal_id"
        ids = "".join((id_ or "")[-1] for id_ in batch.rows[key].to_pylist())
        numbers[batch.table] = numbers.get(batch.table, "") + ids
    return numbers


ALL = {
    "owners": "12T",
    "accounts": "12",
    "leads": "12345",
    "deals": "1234567",
    "stage_changes": "1234567",
    "activities": "1234567",
    "quotes": "1234567",
    "line_items": "1234567",
    "subscriptions": "1234567",
}


def test_without_filters_everything_counts(company: Export) -> None:
    assert kept(company, Filters()) == ALL


def test_a_pipeline_that_does_not_count_takes_the_parts_of_its_deals_but_no_work_or_revenue(company: Export) -> None:
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items"), "12346")
    assert kept(company, Filters(pipelines=("SALES",))) == ALL | parts


def test_types_and_pipelines_must_both_fit(company: Export) -> None:
    assert kept(company, Filters(types=("new",)))["deals"] == "12345"
    assert kept(company, Filters(types=("new", "renewal"), pipelines=("Partner", "Sales")))["deals"] == "123456"


def test_an_excluded_owner_goes_with_every_record_of_theirs(company: Export) -> None:
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items"), "123567")
    others = {"owners": "12", "accounts": "1", "leads": "1235", "activities": "123457"}
    assert kept(company, Filters(excluded_owners=(" TEST@acme.example ",))) == ALL | parts | others


def test_a_lead_of_an_excluded_domain_goes_with_its_deals_and_all_that_hangs_on_them(company: Export) -> None:
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items", "subscriptions"), "14567")
    others = {"leads": "145", "activities": "14567"}
    assert kept(company, Filters(excluded_domains=("acme.example",))) == ALL | parts | others
    assert kept(company, Filters(excluded_domains=("@ACME.example",))) == ALL | parts | others


def test_an_excluded_pipeline_takes_the_parts_of_its_deals_but_no_work_or_revenue(company: Export) -> None:
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items"), "57")
    assert kept(company, Filters(excluded_pipelines=("sales",))) == ALL | parts
    assert kept(company, Filters(excluded_pipelines=("Partner",), types=("new",)))["deals"] == "1234"


def test_a_deal_that_is_called_a_test_goes_with_all_that_hangs_on_it(company: Export) -> None:
    name_deals(company, {"D3": "[TEST] Migration", "D5": "Contest"})
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items", "subscriptions"), "124567")
    assert kept(company, Filters(excluded_names=("[test]*",))) == ALL | parts | {"activities": "124567"}
    assert kept(company, Filters(excluded_names=("*test*",)))["deals"] == "12467"


def test_a_lead_whose_email_fits_goes_with_its_deals(company: Export) -> None:
    parts = dict.fromkeys(("deals", "stage_changes", "quotes", "line_items", "subscriptions"), "14567")
    others = {"leads": "145", "activities": "14567"}
    assert kept(company, Filters(excluded_names=("QA@*",))) == ALL | parts | others


def test_an_account_that_is_called_a_test_goes_with_its_leads_and_deals_and_what_hangs_on_those(
    export: Export,
) -> None:
    export.write("accounts.csv", "id,name\nA1,Client\nA2,Test Ltd\n")
    export.write("leads.csv", "id,account_id,created_at\nL1,A1,2026-01-01\nL2,A2,2026-01-01\n")
    export.write("deals.csv", "id,status,account_id,lead_id,created_at\n"
        "D1,open,A1,,2026-01-01\nD2,open,A2,,2026-01-01\nD3,open,,L2,2026-01-01\n")  # fmt: skip
    export.write("quotes.csv", "id,deal_id,sent_at\nQ1,D1,2026-01-01\nQ2,D2,2026-01-01\nQ3,D3,2026-01-01\n")
    export.write("activities.csv", "id,type,account_id,lead_id,deal_id,at\n"
        "V1,call,A1,,,2026-01-01\nV2,call,A2,,,2026-01-01\nV3,call,,L2,,2026-01-01\nV4,call,,,D2,2026-01-01\n"
    )  # fmt: skip
    export.write("subscriptions.csv", "id,account_id,mrr,started_at\nS1,A1,1,2026-01-01\nS2,A2,1,2026-01-01\n")
    assert kept(export, Filters(excluded_names=("test *",))) == dict.fromkeys(
        ("accounts", "leads", "deals", "quotes", "activities", "subscriptions"), "1"
    )


def test_names_hold_for_the_tables_that_are_there(export: Export) -> None:
    export.write("accounts.csv", "id,name\nA1,Client\nA2,Test Ltd\n")
    assert kept(export, Filters(excluded_names=("test*",))) == {"accounts": "1"}


def name_deals(export: Export, names: dict[str, str]) -> None:
    header, *rows = (export.path / "deals.csv").read_text().splitlines()
    named = [f"{header},name", *(f"{row},{names.get(row.partition(',')[0], '')}" for row in rows)]
    export.write("deals.csv", "".join(f"{row}\n" for row in named))


def test_what_is_left_out_counts_as_pulled(company: Export) -> None:
    company.filters = Filters(pipelines=("Partner",))
    (deals,) = (batch for batch in company.pull() if batch.table == "deals")
    assert (deals.pulled, deals.rows.num_rows) == (7, 1)


def test_filters_hold_for_mapped_columns(export: Export) -> None:
    export.write("deals.csv", "Id,Kind,Made\nD1,Neu,01.02.2026\nD2,Alt,01.02.2026\n")
    export.maps = {
        "deals": {
            "type": {"column": "Kind", "values": {"Neu": "new", "Alt": "renewal"}},
            "status": {"constant": "open"},
            "created_at": {"column": "Made", "format": "%d.%m.%Y"},
        }
    }
    export.filters = Filters(types=("new",))
    assert export.column("deals", "id") == ["D1"]


def test_a_filter_that_meets_nothing_is_told(company: Export) -> None:
    company.filters = Filters(pipelines=("Sales", "Partnr"), excluded_owners=("who@acme.example", "test@acme.example"))
    notices = {batch.table: batch.notices for batch in company.pull() if batch.notices}
    assert notices == {
        "owners": ("1 of the 2 emails in [source.exclude] owners are nobody's.",),
        "deals": ('No deal has the pipeline "Partnr", which [source.include] names; did you mean "Partner"?',),
    }


def test_an_excluded_pipeline_and_a_name_that_nothing_has_are_told(company: Export) -> None:
    company.filters = Filters(excluded_pipelines=("Partnr",), excluded_names=("*test*", "qa@*"))
    notices = [notice for batch in company.pull() for notice in batch.notices]
    assert notices == [
        'No deal has the pipeline "Partnr", which [source.exclude] names; did you mean "Partner"?',
        'No deal, account or lead is called "*test*", which [source.exclude] names says.',
    ]


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(pipelines=("Sales",)), r"\[source.include\] pipelines needs the column pipeline of deals"),
        (Filters(excluded_pipelines=("X",)), r"\[source.exclude\] pipelines needs the column pipeline of deals"),
        (Filters(types=("new",)), r"\[source.include\] types needs the column type of deals"),
        (Filters(excluded_owners=("x@acme.example",)), r"\[source.exclude\] owners needs the column email of owners"),
        (Filters(excluded_domains=("acme.example",)), r"\[source.exclude\] domains needs the table leads"),
    ],
)
def test_a_filter_with_nothing_to_hold_it_against_is_an_error(export: Export, filters: Filters, told: str) -> None:
    export.write("owners.csv", "id,name\nR1,Ann\n")
    export.write("deals.csv", "id,status,created_at\nD1,open,2026-01-01\n")
    export.filters = filters
    with pytest.raises(SourceError, match=told) as caught:
        export.pull()
    assert "x@acme.example" not in str(caught.value)
