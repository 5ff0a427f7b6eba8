"""What ``[source.map.TABLE]`` makes of properties."""

import pytest

from connectors.base import MappingError
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.translation import TRANSLATED, Translator
from connectors.mapping import SourceSettings, parse_table_map
from tests.connectors.hubspot.mirror_rows import MirrorRows


def test_the_first_filled_property_counts():
    mirror = MirrorRows({"deals": {"contact_method": ["a", "b"]}})
    for id_, (a, b) in enumerate((("x", "y"), (" ", "y"), (None, "y"), (None, None))):
        mirror.put("deals", id_, a=a, b=b)
    assert [row["contact_method"] for row in mirror.rows("deals")] == ["x", "y", "y", None]


def test_a_constant_stands_in_every_row():
    mirror = MirrorRows({"accounts": {"region": {"constant": "EMEA"}}})
    mirror.put("companies", 1, state="CA")
    assert mirror.row("accounts", "1")["region"] == "EMEA"


def test_a_text_of_an_enumeration_is_its_label():
    mirror = MirrorRows({"accounts": {"segment": "tier"}})
    mirror.insert("options", object="companies", property="tier", value="t1", label="Tier one")
    mirror.put("companies", 1, tier="t1")
    mirror.put("companies", 2, tier="t2")
    assert [row["segment"] for row in mirror.rows("accounts")] == ["Tier one", "t2"]


def test_values_are_listed_by_internal_value_or_label():
    values = {"in_house": "expansion", "Brand new": "new"}
    mirror = MirrorRows({"deals": {"type": {"column": "kind", "values": values, "otherwise": "renewal"}}})
    mirror.insert("options", object="deals", property="kind", value="k1", label="Brand new")
    for id_, kind in enumerate(("in_house", "k1", "else", None, " k1 ")):
        mirror.put("deals", id_, kind=kind)
    assert [row["type"] for row in mirror.rows("deals")] == ["expansion", "new", "renewal", None, "new"]


def test_a_value_that_is_not_listed_stays_without_otherwise():
    mirror = MirrorRows({"deals": {"type": {"column": "kind", "values": {"a": "new", "": "renewal"}}}})
    for id_, kind in enumerate(("b", None)):
        mirror.put("deals", id_, kind=kind)
    assert [row["type"] for row in mirror.rows("deals")] == ["b", "renewal"]


def test_a_stage_can_be_named_by_its_label():
    values = {"Signed": "won"}
    mirror = MirrorRows({"deals": {"status": {"column": "dealstage", "values": values, "otherwise": "open"}}})
    mirror.stage("s1", "Signed", "0.9")
    mirror.put("companies", 2)
    mirror.put("deals", 1, dealstage="s1", closedate="2026-01-05T00:00:00Z")
    mirror.link("deals", 1, "companies", 2)
    mirror.insert("deals__history", id=1, value="s1", at="2026-01-05T00:00:00Z")
    assert mirror.row("deals", "1")["status"] == "won"
    assert mirror.rows("stage_changes")[0]["status"] == "won"
    assert mirror.row("accounts", "2")["customer_since"] == "2026-01-05T00:00:00.000Z"


def test_a_format_reads_local_times():
    field = {"column": "first_seen", "format": "%d.%m.%Y %H:%M", "timezone": "Europe/Berlin"}
    mirror = MirrorRows({"deals": {"first_contact_at": field, "close_date": {"column": "day", "format": "%d.%m.%Y"}}})
    mirror.put("deals", 1, first_seen="02.01.2026 10:00", day="05.01.2026")
    row = mirror.row("deals", "1")
    assert (row["first_contact_at"], row["close_date"]) == ("2026-01-02T09:00:00Z", "2026-01-05")


def test_a_mapped_outcome_decides_what_was_done():
    values = {"Held": "completed", "Off": "cancelled"}
    mirror = MirrorRows({"activities": {"outcome": {"column": "how", "values": values}}})
    mirror.put("deals", 9)
    for id_, how in ((1, "Off"), (2, "Held")):
        mirror.put("meetings", id_, how=how, hs_timestamp=f"2026-01-0{id_}T00:00:00Z")
        mirror.link("meetings", id_, "deals", 9)
    assert mirror.row("deals", "9")["first_contact_at"] == "2026-01-02T00:00:00.000Z"


def test_a_lead_object_has_its_own_property_else_its_contacts():
    mirror = MirrorRows({"leads": {"source": "origin"}})
    mirror.put("contacts", 1, origin="contact's", lifecyclestage="lead")
    mirror.put("leads", 5)
    mirror.put("leads", 6, origin="own")
    for id_ in (5, 6):
        mirror.link("leads", id_, "contacts", 1)
    assert [row["source"] for row in mirror.rows("leads")] == ["contact's", "own"]


def test_a_property_that_the_mirror_does_not_have_is_empty():
    mirror = MirrorRows({"deals": {"contact_method": ["gone", "there"]}}, properties=_without_gone())
    mirror.put("deals", 1, there="x")
    assert mirror.row("deals", "1")["contact_method"] == "x"
    assert all(mirror.rows(table) == [] for table in TRANSLATED if table != "deals")


def _without_gone():
    return {name: ("there",) if name == "deals" else () for name in OBJECTS}


def test_an_account_that_deals_name_by_a_property_is_theirs():
    mirror = MirrorRows({"deals": {"account_id": "company_number"}})
    mirror.stage("won", "Won", "1.0")
    mirror.put("companies", 2)
    mirror.put("deals", 1, dealstage="won", closedate="2026-01-05T00:00:00Z", company_number="2")
    assert mirror.row("deals", "1")["account_id"] == "2"
    assert mirror.row("accounts", "2")["customer_since"] == "2026-01-05T00:00:00.000Z"
    assert "deals" in mirror.translator.whole_after("accounts")


def test_what_people_wrote_is_refused_before_anything_is_pulled():
    table_map = parse_table_map("deals", {"source": "hs_note_body"}, of_files=False)
    with pytest.raises(MappingError, match="never read"):
        Translator(SourceSettings("crm", "hubspot", maps={"deals": table_map}), "UTC", "USD")
