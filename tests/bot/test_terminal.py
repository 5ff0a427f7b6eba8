"""Slack messages in the terminal: what is shown, at which width, and that no text steers the terminal."""

import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.terminal import print_message

AT = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
NAMES = {"U0R4": "Søren Kjær", "C0SALES": "sales-emea"}


def printed(*blocks: dict[str, Any], width: int = 80, text: str = "", colour: bool = False, **about: Any) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None
    )
    print_message(console, {"text": text, "blocks": list(blocks)}, **{"poster": "Scoreline", "names": NAMES, **about})
    return console.file.getvalue()


def said(mrkdwn: str, **about: Any) -> str:
    """The body of a message of one section, its lines joined."""
    shown = printed({"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}, **about)
    return "\n".join(line.removeprefix("  ") for line in shown.splitlines()[1:]).strip("\n")


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def table(*rows: tuple[str, ...], kind: str = "table", **more: Any) -> dict[str, Any]:
    return {"type": kind, "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows], **more}


@pytest.mark.parametrize(
    ("mrkdwn", "shown"),
    [
        ("*Win rate*: _so far_ ~old~ `code`", "Win rate: so far old code"),
        ("*bold with _italic_ inside*", "bold with italic inside"),
        ("2*3*4 and snake_case_name stay", "2*3*4 and snake_case_name stay"),
        ("* not bold * and _ no _", "* not bold * and _ no _"),
        ("R&amp;D &lt;phase 2&gt;, &amp;lt; is text", "R&D <phase 2>, &lt; is text"),
        ("`*no bold* &lt;b&gt;`", "*no bold* <b>"),
        ("```line one\n*line two*```", "line one\n*line two*"),
        ("<https://x.example/?a=1&amp;b=2|the deal>", "the deal"),
        ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
        ("<@U0R4> in <#C0SALES>", "@Søren Kjær in #sales-emea"),
        ("<@U9|name> or <@U8>", "@name or @U8"),
        ("<!here> <!subteam^S1|@sales>", "@here @sales"),
        ("as of <!date^1795420800^{date_short_pretty} at {time}|2026>", "as of 23 Nov 2026 at 09:00"),
        ("<!date^1795420800^{date_num} {time_secs}|2026>", "2026-11-23 09:00:00"),
        ("<!date^never^{date}|in &lt;May&gt;>", "in <May>"),
        ("<!date^99999999999999999999^{date}|some day>", "some day"),
        (":tada: :not_an_emoji: 12:30:45", "🎉 :not_an_emoji: 12:30:45"),
        ("&gt; quoted\nnot", "▎ quoted\nnot"),
        ("[bold]no markup of rich[/bold] [/]", "[bold]no markup of rich[/bold] [/]"),
        ("", ""),
    ],
)
def test_mrkdwn_is_shown_as_slack_shows_it(mrkdwn, shown):
    assert said(mrkdwn, at=AT).strip() == shown


def test_formatting_is_seen_on_a_terminal_and_gone_in_a_pipe():
    assert "\x1b[1mbold" in said("*bold*", colour=True)
    assert said("*bold*") == "bold"


def test_only_web_addresses_become_links():
    shown = said("<javascript:alert(1)|x> <https://ok.example|y>", colour=True)
    assert "https://ok.example" in shown
    assert "javascript" not in shown


def test_the_head_says_who_when_where_and_to_whom():
    shown = printed(plain_section("hi"), at=AT, channel="#sales-emea", only_to_you=True)
    assert shown.splitlines()[:4] == ["#sales-emea", "Scoreline APP  09:00", "Only visible to you", "  hi"]


def plain_section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": plain(text)}


def test_a_persons_message_has_no_app_beside_the_name():
    assert printed(plain_section("hi"), poster="Søren Kjær", is_app=False).splitlines()[0] == "Søren Kjær"


def test_a_message_without_blocks_shows_its_text():
    assert "  1 &lt; 2".replace("&lt;", "<") in printed(text="1 &lt; 2")
    assert "hidden" not in printed(plain_section("shown"), text="hidden")


def test_numbers_of_a_table_stand_to_the_right_and_wide_characters_line_up():
    block = table(("Rep", "Win rate"), ("佐藤 美咲", "26.3 %"), ("Nguyễn Thị Ánh", "9 %"),
                  column_settings=[{"is_wrapped": True}, {"align": "right"}])  # fmt: skip
    lines = [line for line in printed(block).splitlines() if line.startswith("  ")]
    assert len({cell_len(line) for line in lines}) == 1
    assert lines[3].endswith(" 26.3 % │")
    assert lines[4].endswith("    9 % │")


def test_a_data_table_shows_its_caption_and_its_numbers():
    block = table(("Team", "Deals"), ("DACH", "12"), kind="data_table", caption="Deals &amp; teams")
    block["rows"][1][1] = {"type": "raw_number", "value": 12}
    shown = printed(block)
    assert "Deals & teams" in shown
    assert "│ DACH │    12 │" in shown


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_lost(width):
    numbers = ("€1,231,311.00", "57 of 18,300", "26.3 %")
    long = "A name that goes on and on, &lt;b&gt; as names in a CRM do, 東京都港区六本木"
    settings = [{"is_wrapped": True}, *[{"align": "right"}] * 3]
    shown = printed(
        table(("Rep", "Bookings", "Of", "Rate"), (long, *numbers), column_settings=settings),
        plain_section(long * 4),
        width=width,
    )
    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert all(number in shown for number in numbers)


def test_a_table_that_is_too_wide_becomes_lines_and_loses_nothing():
    heads = ("Rep", "Activities", "Bookings", "Deals won", "Win rate", "Attainment")
    block = table(heads, ("佐藤 美咲", "1,234", "€1,119,520", "12", "26.3 %", "105.3 %"))
    block["column_settings"] = [{"is_wrapped": True}, *[{"align": "right"}] * 5]
    narrow = printed(block, width=60)
    assert max(cell_len(line) for line in narrow.splitlines()) <= 60
    assert "Rep: 佐藤 美咲" in narrow
    assert "Bookings: €1,119,520 · Deals won: 12" in " ".join(narrow.split())
    assert "╭" in printed(block, width=100)


def test_no_line_ends_with_blanks_in_front_of_the_next_block():
    shown = printed({"type": "header", "text": plain("Weekly digest")}, {"type": "divider"}, plain_section("x"))
    assert not any(line != line.rstrip() for line in shown.splitlines())


def test_buttons_and_menus_are_in_brackets():
    button = {"type": "button", "text": plain("Share in channel"), "style": "primary", "action_id": "a"}
    menu = {"type": "static_select", "placeholder": plain("Period"), "action_id": "b"}
    chosen = {**menu, "initial_option": {"text": plain("This week"), "value": "w"}}
    shown = printed({"type": "actions", "elements": [button, menu, chosen, {"type": "overflow"}]})
    assert "[ Share in channel ]  [ Period ▾ ]  [ This week ▾ ]  [ … ]" in shown
    beside = printed({**plain_section("Details are there"), "accessory": button}, width=60)
    assert beside.splitlines()[1].startswith("  Details are there  ")
    assert beside.splitlines()[1].endswith("[ Share in channel ]")


def test_pictures_are_told_by_their_words():
    image = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "Win rate by month, 20 to 31 %"}
    assert "[image: Win rate by month, 20 to 31 %]" in printed(image)
    assert "[Win rate by month, 20 to 31 %]" in printed({"type": "context", "elements": [image]})


def test_fields_stand_side_by_side():
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in (("Deals", 42), ("Bookings", 7))]
    assert [line.split() for line in printed({"type": "section", "fields": fields}).splitlines()[1:3]] == [
        ["Deals", "Bookings"],
        ["42", "7"],
    ]


def test_rich_text_is_shown_with_its_lists_and_mentions():
    def part(*elements: dict[str, Any], kind: str = "rich_text_section", **more: Any) -> dict[str, Any]:
        return {"type": kind, "elements": list(elements), **more}

    text = {"type": "text", "text": "Well done, ", "style": {"bold": True}}
    one = part({"type": "text", "text": "one &lt; two"})
    block = part(
        part(text, {"type": "user", "user_id": "U0R4"}, {"type": "emoji", "name": "tada"}),
        part(one, kind="rich_text_list", style="ordered"),
        part({"type": "link", "url": "https://x.example", "text": "deal"}, kind="rich_text_quote"),
        kind="rich_text",
    )
    assert [line.strip() for line in printed(block).splitlines()[1:4]] == [
        "Well done, @Søren Kjær🎉",
        "1. one &lt; two",
        "▎ deal",
    ]


def test_a_markdown_block_and_a_container_are_shown():
    shown = printed(
        {"type": "markdown", "text": "**Bold** and\n\n- a point"},
        {"type": "container", "title": plain("More"), "child_blocks": [plain_section("inside")]},
    )
    assert "Bold and" in shown
    assert "a point" in shown
    assert "More\n    inside" in shown


def test_a_block_that_cannot_be_shown_is_named():
    assert "[data_visualization]" in printed({"type": "data_visualization", "title": "x"})


HOSTILE = "\x1b[31mred\x1b]0;title\x07 \x9b2J \r over \x00 \u202egnp.exe\u2066 \ud800"


def test_no_text_steers_the_terminal():
    blocks = [
        {"type": "header", "text": plain(HOSTILE)},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{HOSTILE}* <https://x.example/{HOSTILE}|{HOSTILE}>"}},
        table((HOSTILE, HOSTILE), (HOSTILE, HOSTILE)),
        {"type": "actions", "elements": [{"type": "button", "text": plain(HOSTILE)}, {"type": HOSTILE}]},
        {"type": "image", "alt_text": HOSTILE},
        {"type": "markdown", "text": HOSTILE},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}],
        },
        {"type": HOSTILE},
    ]
    shown = printed(*blocks, poster=HOSTILE, channel=HOSTILE)
    assert not any(bad in shown for bad in "\x1b\x07\x9b\r\x00\u202e\u2066\ud800")
    assert "�[31mred" in shown


@given(st.text(alphabet=st.characters() | st.sampled_from("*_~`<>|&!@#^\n:\x1b\x9b"), max_size=80))
def test_any_text_can_be_shown_and_none_steers(text):
    shown = said(text)
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown if character != "\n")
    shown.encode()
