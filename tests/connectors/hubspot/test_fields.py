"""Which properties are pulled."""

import pytest

from connectors.base import MappingError
from connectors.hubspot.fields import FEEDS, properties_of
from connectors.hubspot.objects import ACTIVITIES, OBJECTS
from connectors.mapping import ActivityRule, SourceSettings, parse_table_map
from kpi.schema import TABLES


def _mapped(**maps):
    tables = {table: parse_table_map(table, raw, of_files=False) for table, raw in maps.items()}
    return SourceSettings("crm", "hubspot", maps=tables)


def test_every_feed_names_columns_of_the_schema_and_objects_that_are_pulled():
    for table, feeds in FEEDS.items():
        for feed in feeds:
            assert feed.object in OBJECTS
            assert set(feed.columns) <= set(TABLES[table].column_names)


def test_each_property_is_asked_for_once():
    for name in OBJECTS:
        names = properties_of(name, SourceSettings("crm", "hubspot"))
        assert len(names) == len(set(names))


def test_where_records_are_merged_their_losers_are_asked_for():
    settings = SourceSettings("crm", "hubspot")
    asked = {name for name in OBJECTS if "hs_merged_object_ids" in properties_of(name, settings)}
    assert asked == {"contacts", "companies", "deals"}


def test_a_mapped_property_is_pulled_of_every_object_that_feeds_the_table():
    settings = _mapped(leads={"source": "My_Source"}, activities={"type": "kind"}, deals={"type": ["a", "b"]})
    assert [name for name in OBJECTS if "my_source" in properties_of(name, settings)] == ["contacts", "leads"]
    assert tuple(name for name in OBJECTS if "kind" in properties_of(name, settings)) == ACTIVITIES
    assert {"a", "b"} <= set(properties_of("deals", settings))


def test_titles_are_read_only_where_a_rule_needs_them():
    plain = SourceSettings("crm", "hubspot")
    titled = SourceSettings("crm", "hubspot", demo=ActivityRule(titles=("*demo*",)))
    assert "hs_meeting_title" not in properties_of("meetings", plain)
    assert "hs_meeting_title" in properties_of("meetings", titled)


@pytest.mark.parametrize(
    "name",
    ["hs_email_html", "hs_email_text", "hs_call_body", "hs_internal_meeting_notes", "HS_Note_Body", "hs_body_preview"],
)
def test_what_people_wrote_to_each_other_is_never_read(name):
    settings = _mapped(activities={"outcome": {"column": name, "values": {"a": "completed"}}})
    with pytest.raises(MappingError, match="never read"):
        properties_of("calls", settings)


def test_a_table_that_is_no_record_in_hubspot_takes_constants_alone():
    assert properties_of("deals", _mapped(spend={"category": {"constant": "sales"}}))
    with pytest.raises(MappingError, match="only a constant"):
        properties_of("deals", _mapped(teams={"name": "label"}))
