"""What ``[source.include]`` and ``[source.exclude]`` leave out."""

import pytest

from connectors.mapping import Filters
from tests.connectors.hubspot.mirror_rows import MirrorRows


def company(filters):
    """One test company, contact and deal (2), one real of each (1); a call and a quote on each, all of owners of the
    same number."""
    mirror = MirrorRows(filters=filters)
    mirror.stage("won", "Won", "1.0")
    mirror.insert("pipelines", object="deals", id="p1", label="Sales", archived=False)
    mirror.insert("pipelines", object="deals", id="p2", label="Partners", archived=False)
    for id_, name, domain in ((1, "Real", "acme.com"), (2, "Our test", "mail.test.io")):
        mirror.insert("owners", id=id_, email=f"{id_}@us.com", archived=False)
        mirror.put("companies", id_, name=name)
        mirror.put("contacts", id_, email=f"a@{domain}", lifecyclestage="lead")
        mirror.put(
            "deals", id_, dealname=name, dealstage="won", pipeline=f"p{id_}", hubspot_owner_id=str(id_),
            dealtype=["newbusiness", "existingbusiness"][id_ - 1], closedate="2026-01-02T00:00:00Z",
        )  # fmt: skip
        mirror.insert("deals__history", id=id_, value="won", at="2026-01-02T00:00:00Z")
        mirror.put("calls", id_, hs_timestamp="2026-01-02T00:00:00Z")
        mirror.put("quotes", id_)
        mirror.put("line_items", id_, name="Plan", recurringbillingfrequency="monthly", amount="5")
        for source in ("calls", "quotes", "line_items"):
            mirror.link(source, id_, "deals", id_)
    return mirror


def held(mirror):
    tables = ("accounts", "leads", "deals", "activities", "quotes", "line_items", "subscriptions")
    counts = {table: len(mirror.rows(table)) for table in tables}
    return [table for table, count in counts.items() if count == 2], [t for t, count in counts.items() if count == 1]


def linked(mirror, *ways):
    for source, target in ways:
        mirror.link(source, 2, target, 2)
    return mirror


_PARTS = ["deals", "quotes", "line_items"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(pipelines=("sales",)),
        Filters(pipelines=("P1",)),
        Filters(excluded_pipelines=("Partners",)),
        Filters(types=("New",)),
    ],
)
def test_a_deal_of_another_pipeline_or_type_goes_with_its_parts_alone(filters):
    both, one = held(company(filters))
    assert one == _PARTS
    assert both == ["accounts", "leads", "activities", "subscriptions"]


def test_a_left_out_owner_goes_with_all_that_is_theirs():
    mirror = company(Filters(excluded_owners=("2@US.com",)))
    assert mirror.ids("owners") == ["1"]
    assert held(mirror)[1] == [*_PARTS, "subscriptions"]
    assert mirror.rows("stage_changes")[0]["deal_id"] == "1"


def test_a_deal_that_is_called_a_test_goes_with_all_that_hangs_on_it():
    mirror = company(Filters(excluded_names=("our test",)))
    both, one = held(mirror)
    assert both == ["leads"]
    assert one == ["accounts", "deals", "activities", "quotes", "line_items", "subscriptions"]


@pytest.mark.parametrize("domain", ["test.io", "@mail.test.io", " .TEST.IO "])
def test_a_lead_of_an_excluded_domain_goes_with_its_deals(domain):
    mirror = linked(company(Filters(excluded_domains=(domain,))), ("deals", "contacts"))
    assert mirror.ids("leads") == ["1"]
    assert held(mirror)[1] == ["leads", "deals", "activities", "quotes", "line_items", "subscriptions"]


def test_a_domain_is_no_ending_of_another():
    assert company(Filters(excluded_domains=("est.io",))).ids("leads") == ["1", "2"]


def test_a_lead_goes_with_its_account():
    mirror = linked(company(Filters(excluded_names=("our *",))), ("contacts", "companies"))
    assert mirror.ids("leads") == ["1"]


def test_an_activity_of_a_left_out_lead_goes():
    mirror = company(Filters(excluded_domains=("test.io",)))
    mirror.put("emails", 2, hs_timestamp="2026-01-02T00:00:00Z")
    mirror.link("emails", 2, "contacts", 2)
    assert mirror.ids("activities") == ["call-1", "call-2"]


def test_a_second_lead_object_of_an_excluded_contact_goes_as_well():
    mirror = company(Filters(excluded_domains=("test.io",)))
    for id_ in (5, 6):
        mirror.put("leads", id_)
        mirror.link("leads", id_, "contacts", 2)
    assert mirror.ids("leads") == ["1"]


def test_a_deal_that_counts_comes_before_one_that_does_not():
    mirror = company(Filters(pipelines=("Partners",)))
    mirror.link("calls", 1, "deals", 2)
    assert [row["deal_id"] for row in mirror.rows("activities")] == ["2", "2"]


def test_a_won_deal_that_does_not_count_makes_no_customer():
    filters = Filters(pipelines=("Sales",))
    mirror = linked(company(filters), ("deals", "companies"))
    mirror.link("deals", 1, "companies", 1)
    assert [row["customer_since"] for row in mirror.rows("accounts")] == ["2026-01-02T00:00:00.000Z", None]


def test_filters_that_meet_nothing_are_told():
    filters = Filters(
        pipelines=("Sale", "Partners"), types=("newish",), excluded_owners=("x@us.com", "1@us.com"),
        excluded_pipelines=("p9",), excluded_names=("*test*", "*demo*"),
    )  # fmt: skip
    mirror = company(filters)
    assert mirror.translator.notices(mirror.connection) == [
        "1 of the 2 emails in [source.exclude] owners are nobody's.",
        'No deal has the pipeline "Sale", which [source.include] names; did you mean "Sales"?',
        'No deal has the type "newish", which [source.include] names; did you mean "new"?',
        'No deal has the pipeline "p9", which [source.exclude] names; did you mean "p2"?',
        'No deal, account or lead is called "*demo*", which [source.exclude] names says.',
    ]


def test_without_filters_nothing_is_told():
    mirror = company(Filters())
    assert mirror.translator.notices(mirror.connection) == []
