"""Companies as accounts."""

import pytest

from tests.connectors.hubspot.mirror_rows import MirrorRows


@pytest.fixture
def mirror():
    mirror = MirrorRows()
    mirror.stage("open", "Open", "0.4")
    mirror.stage("won", "Won", "1.0")
    return mirror


@pytest.mark.parametrize(
    ("employees", "segment"),
    [
        (None, None), ("0", None), ("1", "1-10"), ("10", "1-10"), ("11", "11-50"), ("50", "11-50"), ("51", "51-200"),
        ("200", "51-200"), ("201", "201-1000"), ("1000", "201-1000"), ("1001", "1001+"),
    ],
)  # fmt: skip
def test_the_number_of_employees_gives_the_segment(mirror, employees, segment):
    mirror.put("companies", 1, numberofemployees=employees)
    row = mirror.row("accounts", "1")
    assert (row["segment"], row["employees"]) == (segment, employees)


def test_an_account_has_owner_labels_and_places(mirror):
    mirror.insert("options", object="companies", property="industry", value="COMPUTER_SOFTWARE", label="Software")
    mirror.put(
        "companies", 1, name="Acme", hubspot_owner_id="7", industry="COMPUTER_SOFTWARE", state="CA", country="US"
    )
    row = mirror.row("accounts", "1")
    assert (row["name"], row["owner_id"], row["industry"]) == ("Acme", "7", "Software")
    assert (row["region"], row["country"], row["churned_at"]) == ("CA", "US", None)


def test_an_account_is_a_customer_since_its_first_won_deal(mirror):
    mirror.put("companies", 1, hs_lifecyclestage_customer_date="2026-01-01T00:00:00Z")
    for id_, stage, closed in ((5, "won", "05"), (6, "won", "04"), (7, "open", "02")):
        mirror.put("deals", id_, dealstage=stage, closedate=f"2026-01-{closed}T00:00:00Z")
        mirror.link("deals", id_, "companies", 1, primary=True)
    assert mirror.row("accounts", "1")["customer_since"] == "2026-01-04T00:00:00.000Z"


def test_without_a_won_deal_the_lifecycle_says_since_when(mirror):
    mirror.put("companies", 1, hs_lifecyclestage_customer_date="2026-01-01T00:00:00Z")
    assert mirror.row("accounts", "1")["customer_since"] == "2026-01-01T00:00:00Z"


def test_a_deal_makes_a_customer_of_its_primary_company_alone(mirror):
    mirror.put("companies", 1)
    mirror.put("companies", 2)
    mirror.put("deals", 5, dealstage="won", closedate="2026-01-05T00:00:00Z")
    mirror.link("deals", 5, "companies", 1)
    mirror.link("deals", 5, "companies", 2, primary=True)
    assert [row["customer_since"] for row in mirror.rows("accounts")] == [None, "2026-01-05T00:00:00.000Z"]
