"""The small tables."""

import pytest

from tests.connectors.hubspot.mirror_rows import MirrorRows


def _owner(mirror, id_, **columns):
    mirror.insert("owners", **{"id": id_, "archived": False, "user_id": 100 + id_, **columns})


def test_an_owner_has_a_name_a_team_and_a_zone():
    mirror = MirrorRows()
    _owner(mirror, 1, email="a@b.c", first_name="Ann", last_name="Lee", team_id=3)
    mirror.put("users", 9, hs_internal_user_id="101", hs_standard_time_zone="Europe/Berlin")
    (row,) = mirror.rows("owners")
    assert (row["name"], row["email"], row["team_id"]) == ("Ann Lee", "a@b.c", "3")
    assert (row["timezone"], row["active"]) == ("Europe/Berlin", "true")


def test_whoever_left_is_inactive_and_called_by_what_is_known():
    mirror = MirrorRows()
    _owner(mirror, 1, email="a@b.c", archived=True)
    _owner(mirror, 2, user_id=None)
    assert [(row["name"], row["active"]) for row in mirror.rows("owners")] == [("a@b.c", "false"), ("Owner 2", "true")]


def test_a_property_of_the_user_can_give_the_role():
    mirror = MirrorRows(
        {"owners": {"role": {"column": "hs_job_title", "values": {"Closer": "ae"}, "otherwise": "other"}}}
    )
    for id_, title in ((1, "Closer"), (2, "Cook")):
        _owner(mirror, id_, email="a@b.c")
        mirror.put("users", id_, hs_internal_user_id=str(100 + id_), hs_job_title=title)
    assert [row["role"] for row in mirror.rows("owners")] == ["ae", "other"]


def test_teams_are_a_tree():
    mirror = MirrorRows()
    mirror.insert("teams", id=1, name="Sales", parent_id=None)
    mirror.insert("teams", id=2, name="North", parent_id=1)
    assert [(row["id"], row["name"], row["parent_id"]) for row in mirror.rows("teams")] == [
        ("1", "Sales", None),
        ("2", "North", "1"),
    ]


def test_campaigns_have_spend():
    mirror = MirrorRows({"spend": {"segment": {"constant": "small"}}}, timezone="US/Eastern")
    mirror.insert("campaigns", id="g", name="Spring", channel="mail", starts_on="2026-01-01", ends_on=None)
    mirror.insert("campaign_spend", id="4", campaign_id="g", amount="9.5", currency=None, at="1767229200000")
    (campaign,) = mirror.rows("campaigns")
    (spend,) = mirror.rows("spend")
    assert (campaign["name"], campaign["channel"], campaign["starts_on"]) == ("Spring", "mail", "2026-01-01")
    assert (spend["id"], spend["date"], spend["amount"], spend["currency"]) == ("g-4", "2025-12-31", "9.5", "USD")
    assert (spend["category"], spend["segment"]) == ("marketing", "small")


def test_a_rate_holds_from_its_day_and_of_one_day_the_last():
    mirror = MirrorRows()
    for at, rate in (("2026-01-01T08:00:00Z", "1.1"), ("2026-01-01T09:00:00Z", "1.2"), ("2026-02-01T00:00:00Z", "1.3")):
        mirror.insert("exchange_rates", code="EUR", at=at, rate=rate)
    assert [(row["currency"], row["date"], row["rate"]) for row in mirror.rows("fx_rates")] == [
        ("EUR", "2026-01-01", "1.2"),
        ("EUR", "2026-02-01", "1.3"),
    ]


def test_rates_into_another_currency_than_the_organisations_are_none():
    mirror = MirrorRows(currency="USD")
    mirror.connection.execute("update account set currency = 'EUR'")
    mirror.insert("exchange_rates", code="GBP", at="2026-01-01T00:00:00Z", rate="1.1")
    assert mirror.rows("fx_rates") == []


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-31T23:59:59.999Z", "2026-01"),
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-01"),
        ("2026-01-01T05:00:00Z", "2026-02-01T04:59:59.999Z", "2026-01"),
        ("2025-12-31T13:00:00Z", "2026-01-31T12:59:59.999Z", "2026-01"),
        ("2026-04-01T00:00:00Z", "2026-06-30T23:59:59.999Z", "2026-Q2"),
        ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999Z", "2026"),
        ("2026-11-16T00:00:00Z", "2026-11-22T23:59:59.999Z", "2026-W47"),
        ("2026-11-20T00:00:00Z", "2026-11-20T23:59:59.999Z", "2026-11-20"),
    ],
)
def test_a_goal_is_the_target_of_its_period(start, end, period):
    mirror = MirrorRows()
    mirror.put(
        "goal_targets", 1, hs_target_amount="500", hubspot_owner_id="7", hs_start_datetime=start, hs_end_datetime=end
    )
    (row,) = mirror.rows("targets")
    assert (row["period"], row["value"], row["kpi"]) == (period, "500", "bookings")


def test_a_goal_of_no_known_period_is_none():
    mirror = MirrorRows()
    mirror.put(
        "goal_targets", 1, hs_target_amount="5", hs_start_datetime="2026-01-03T00:00:00Z",
        hs_end_datetime="2026-02-07T00:00:00Z",
    )  # fmt: skip
    assert mirror.rows("targets") == []


def test_a_goal_is_a_reps_a_teams_or_the_companys():
    mirror = MirrorRows()
    _owner(mirror, 7, user_id=70)
    month = {"hs_start_datetime": "2026-01-01T00:00:00Z", "hs_end_datetime": "2026-01-31T23:59:59.999Z"}
    for id_, assignee in enumerate(
        (
            {"hubspot_owner_id": "8"},
            {"hs_assignee_user_id": "70"},
            {"hs_assignee_team_id": "3"},
            {"hs_goal_type": "deals"},
        )
    ):
        mirror.put("goal_targets", id_, hs_target_amount="5", **month, **assignee)
    assert [(row["scope"], row["scope_id"], row["kpi"]) for row in mirror.rows("targets")] == [
        ("rep", "8", "bookings"),
        ("rep", "7", "bookings"),
        ("team", "3", "bookings"),
        ("company", None, "deals"),
    ]
