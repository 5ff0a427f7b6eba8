"""What Slack would refuse, and that everything up to the limit is taken."""

import math

import pytest
import slackblocks as second_opinion
from hypothesis import given, strategies
from slackblocks.errors import InvalidUsageError

from bot.views.limits import LIMITS, characters, problems, view_problems


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def cell(text: str) -> dict:
    return {"type": "raw_text", "text": text}


def section(text: str = "hi", **more) -> dict:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Share", **more) -> dict:
    return {"type": "button", "text": plain(text), **more}


def actions(*elements: dict, **more) -> dict:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[dict]:
    return [{"text": plain(str(number)), "value": str(number)} for number in range(count)]


def table(rows: int, columns: int, text: str = "x", **more) -> dict:
    return {"type": "table", "rows": [[cell(text)] * columns for _ in range(rows)], **more}


def data_table(rows: int, columns: int = 2, **more) -> dict:
    return {**table(rows, columns), "type": "data_table", "caption": "Deals", **more}


def pie(*values: float, **more) -> dict:
    segments = [{"label": f"S{number}", "value": value} for number, value in enumerate(values)]
    return {"type": "data_visualization", "title": "Deals", "chart": {"type": "pie", "segments": segments}, **more}


def line(categories: list[str], *series: list[float], kind: str = "line") -> dict:
    data = [
        {
            "name": f"S{number}",
            "data": [{"label": label, "value": value} for label, value in zip(categories, values, strict=False)],
        }
        for number, values in enumerate(series)
    ]
    chart = {"type": kind, "series": data, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "Trend", "chart": chart}


def of(*blocks: dict) -> list[str]:
    return problems({"text": "Win rate 31 %", "blocks": list(blocks)})


SOUND = {
    "section": [section("x" * 3_000)],
    "fields": [{"type": "section", "fields": [mrkdwn("x" * 1_000)] * 10}],
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "50 blocks": [{"type": "divider"}] * 50,
    "context": [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    "image": [{"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "x" * 2_000}],
    "25 buttons": [actions(*[button("x" * 75, action_id=str(number), value="v" * 2_000) for number in range(25)])],
    "link button": [actions(button(url="https://acme.example/deal?id=1", style="primary"))],
    "confirmed button": [actions(button(confirm={"title": plain("Sure?"), "text": mrkdwn("*All*"), "confirm": plain("Yes"), "deny": plain("No")}))],
    "select": [section(accessory={"type": "static_select", "placeholder": plain("KPI"), "options": options(100)})],
    "grouped select": [section(accessory={"type": "static_select", "option_groups": [{"label": plain("Sales"), "options": options(2)}]})],
    "users": [actions({"type": "multi_users_select", "placeholder": plain("Who"), "initial_users": ["U1"], "max_selected_items": 2})],
    "overflow": [section(accessory={"type": "overflow", "options": options(5)})],
    "radio": [actions({"type": "radio_buttons", "options": options(10)})],
    "input": [{"type": "input", "label": plain("Target"), "element": {"type": "plain_text_input", "action_id": "a"}}],
    "table": [table(100, 20, column_settings=[{"align": "right"}, {"is_wrapped": True}])],
    "data table": [data_table(101, page_size=100, row_header_column_index=1)],
    "number cells": [data_table(1) | {"rows": [[cell("Rep")], [{"type": "raw_number", "value": 3.5, "text": "3.5"}]]}],
    "pie": [pie(1, 2, 3, 4, 5, 6)],
    "line": [line(["Q1", "Q2"], [1, -2], [0, 0.5])],
    "two charts": [pie(1), line(["Q1"], [1], kind="bar")],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "rich text": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}]}]}],
    "rich list": [{"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "emoji", "name": "tada"}]}]}]}],
    "container": [{"type": "container", "title": plain("EMEA"), "child_blocks": [section(), table(2, 2)]}],
    "same action in two blocks": [actions(button(action_id="a")), actions(button(action_id="a"))],
}  # fmt: skip

REFUSED = {
    "no type": ([{}], "blocks[0]: type None is unknown"),
    "unknown block": ([{"type": "chart"}], "blocks[0]: type 'chart' is unknown"),
    "no object": (["hi"], "blocks[0]: must be an object, is text"),
    "51 blocks": ([{"type": "divider"}] * 51, "blocks: has 51 items, at most 50"),
    "long section": ([section("x" * 3_001)], "blocks[0].text.text: has 3,001 characters, at most 3,000"),
    "empty section": ([section("")], "blocks[0].text.text: must not be empty"),
    "bare section": ([{"type": "section"}], "blocks[0]: a section needs text or fields"),
    "text not an object": ([{"type": "section", "text": "hi"}], "blocks[0].text: must be an object, is text"),
    "unknown field": ([section(colour="red")], "blocks[0].colour: is not a field"),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "blocks[0].fields: has 11 items"),
    "long field": ([{"type": "section", "fields": [mrkdwn("x" * 2_001)]}], "blocks[0].fields[0].text: has 2,001"),
    "long header": ([{"type": "header", "text": plain("x" * 151)}], "blocks[0].text.text: has 151 characters"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "blocks[0].text: type 'mrkdwn'"),
    "emoji in mrkdwn": ([section(accessory=button()) | {"text": {**mrkdwn("x"), "emoji": True}}], "blocks[0].text.emoji: is not"),
    "mrkdwn button": ([actions({"type": "button", "text": mrkdwn("x")})], "blocks[0].elements[0].text: type 'mrkdwn'"),
    "long button": ([actions(button("x" * 76))], "blocks[0].elements[0].text.text: has 76"),
    "long value": ([actions(button(value="x" * 2_001))], "blocks[0].elements[0].value: has 2,001"),
    "bad style": ([actions(button(style="loud"))], "blocks[0].elements[0].style: is 'loud'"),
    "script link": ([actions(button(url="javascript:alert(1)"))], "blocks[0].elements[0].url: must be an address"),
    "spaced link": ([actions(button(url="https://acme.example/a b"))], "blocks[0].elements[0].url: must be an address"),
    "no buttons": ([actions()], "blocks[0].elements: has 0 items"),
    "26 buttons": ([actions(*[button()] * 26)], "blocks[0].elements: has 26 items"),
    "image as action": ([actions({"type": "image", "image_url": "https://a.example", "alt_text": "x"})], "blocks[0].elements[0]: type 'image'"),
    "button in context": ([{"type": "context", "elements": [button()]}], "blocks[0].elements[0]: type 'button'"),
    "11 in context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "blocks[0].elements: has 11 items"),
    "no alt text": ([{"type": "image", "image_url": "https://a.example/i.png"}], "blocks[0].alt_text: is missing"),
    "local image": ([{"type": "image", "image_url": "file:///etc/passwd", "alt_text": "x"}], "blocks[0].image_url: must be an address"),
    "hostless image": ([{"type": "image", "image_url": "https:///i.png", "alt_text": "x"}], "blocks[0].image_url: must be an address"),
    "101 options": ([section(accessory={"type": "static_select", "options": options(101)})], "blocks[0].accessory.options: has 101"),
    "select of nothing": ([section(accessory={"type": "static_select"})], "blocks[0].accessory: needs either options"),
    "6 in overflow": ([section(accessory={"type": "overflow", "options": options(6)})], "blocks[0].accessory.options: has 6"),
    "11 checkboxes": ([actions({"type": "checkboxes", "options": options(11)})], "blocks[0].elements[0].options: has 11"),
    "long block_id": ([{"type": "divider", "block_id": "x" * 256}], "blocks[0].block_id: has 256"),
    "block_id twice": ([section(block_id="a"), section(block_id="a")], "the blocks: block_id 'a' is used 2 times"),
    "action_id twice": ([actions(button(action_id="a"), button(action_id="a"))], "blocks[0]: action_id 'a' is used 2 times"),
    "101 rows": ([table(101, 1)], "blocks[0].rows: has 101 items"),
    "21 columns": ([table(1, 21)], "blocks[0].rows[0]: has 21 items"),
    "uneven rows": ([{"type": "table", "rows": [[cell("a")], [cell("a"), cell("b")]]}], "blocks[0].rows[1]: has 2 cells, the row above it has 1"),
    "empty cell": ([table(1, 1, "")], "blocks[0].rows[0][0].text: must not be empty"),
    "number in a table": ([{"type": "table", "rows": [[{"type": "raw_number", "value": 1, "text": "1"}]]}], "blocks[0].rows[0][0]: type 'raw_number'"),
    "two tables": ([table(1, 1), table(1, 1)], "blocks: only one table is allowed"),
    "nested table": ([table(1, 1), {"type": "container", "title": plain("x"), "child_blocks": [table(1, 1)]}], "blocks: only one table is allowed"),
    "big table": ([table(100, 20, "xxxxxx")], "blocks: tables have 12,000 characters"),
    "no caption": ([{"type": "data_table", "rows": [[cell("a")], [cell("b")]]}], "blocks[0].caption: is missing"),
    "102 data rows": ([data_table(102)], "blocks[0].rows: has 102 items"),
    "header alone": ([data_table(1)], "blocks[0].rows: has 1 items"),
    "no such column": ([data_table(2, row_header_column_index=2)], "blocks[0].row_header_column_index: there is no"),
    "rich header": ([data_table(2) | {"rows": [[{"type": "rich_text", "elements": []}], [cell("a")]]}], "blocks[0].rows[0][0]: a header's cell"),
    "long chart title": ([pie(1, title="x" * 51)], "blocks[0].title: has 51"),
    "seven segments": ([pie(1, 2, 3, 4, 5, 6, 7)], "blocks[0].chart.segments: has 7 items"),
    "empty segment": ([pie(1, 0)], "blocks[0].chart.segments[1].value: is 0, must be greater than 0"),
    "endless value": ([line(["Q1"], [math.nan])], "blocks[0].chart.series[0].data[0].value: must be a finite number"),
    "gap": ([line(["Q1", "Q2"], [1])], "blocks[0].chart.series[0].data: needs one point for every category"),
    "same category": ([line(["Q1", "Q1"], [1, 2])], "blocks[0].chart.axis_config.categories: must differ"),
    "21 categories": ([line([str(each) for each in range(21)], list(range(21)))], "blocks[0].chart.series[0].data: has 21 items"),
    "three charts": ([pie(1)] * 3, "blocks: only 2 charts are allowed"),
    "markdown in sum": ([{"type": "markdown", "text": "x" * 6_001}] * 2, "blocks: markdown has 12,002 characters"),
    "all together": ([section("x" * 2_900)] * 5, "blocks: have 14,500 characters together"),
}  # fmt: skip


@pytest.mark.parametrize("blocks", SOUND.values(), ids=SOUND)
def test_what_is_within_the_limits_is_sound(blocks: list[dict]):
    assert of(*blocks) == []


@pytest.mark.parametrize(("blocks", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_slack_refuses_is_found_and_named(blocks: list, problem: str):
    found = of(*blocks)
    assert any(each.startswith(problem) for each in found), found


def test_a_message_needs_words():
    assert problems({"text": ""}) == ["text: must not be empty in a message without blocks"]
    assert problems({"text": " \n", "blocks": []}) == ["text: must not be empty in a message without blocks"]
    assert problems({"text": "hi"}) == problems({"blocks": [{"type": "divider"}]}) == []


def test_a_message_has_forty_thousand_characters_at_most():
    assert problems({"text": "x" * 40_000}) == []
    assert problems({"text": "x" * 40_001}) == ["text: has 40,001 characters, at most 40,000 are allowed"]


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=3),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["type", "text", "elements", "rows", "chart", "title"]), inner
        )
    ),
    max_leaves=8,
)
BLOCK = strategies.dictionaries(strategies.sampled_from(["text", "fields", "elements", "rows", "chart"]), JSON).map(
    lambda block: {"type": "section", **block}
)


@given(strategies.lists(BLOCK | JSON, max_size=3))
def test_whatever_is_sent_gets_an_answer_and_no_exception(blocks: list):
    assert all(isinstance(each, str) for each in problems({"text": "hi", "blocks": blocks}))


def test_blocks_must_be_a_list():
    assert problems({"text": "hi", "blocks": {"type": "divider"}}) == ["blocks: must be a list, is an object"]


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"event_type": "delivery"}, "metadata.event_payload: is missing"),
        ({"event_type": "", "event_payload": {}}, "metadata.event_type: must not be empty"),
        ({"event_type": "delivery", "event_payload": "key"}, "metadata.event_payload: must be an object"),
        ("delivery", "metadata: must be an object, is text"),
        ({"event_type": "delivery", "event_payload": {"key": "x" * 16_000}}, "metadata: has 16,056 bytes"),
    ],
)
def test_metadata_names_an_event_and_carries_an_object(metadata: object, problem: str):
    (found,) = problems({"text": "hi", "metadata": metadata})
    assert found.startswith(problem)


def test_sound_metadata_is_sound():
    assert problems({"text": "hi", "metadata": {"event_type": "delivery", "event_payload": {"key": "k"}}}) == []


def test_characters_are_those_a_person_reads():
    assert characters([section("12345"), actions(button("123", value="not read", action_id="not read"))]) == 8
    assert characters([data_table(2, 3, caption="1234")]) == 10


def modal(*blocks: dict, **more) -> dict:
    return {"type": "modal", "title": plain("Target"), "blocks": list(blocks), **more}


INPUT = {"type": "input", "label": plain("Target"), "element": {"type": "number_input", "is_decimal_allowed": True}}


@pytest.mark.parametrize(
    "view",
    [
        modal(INPUT, submit=plain("Save"), private_metadata="x" * 3_000, callback_id="target"),
        {"type": "home", "blocks": [{"type": "divider"}] * 100},
        modal(),
    ],
)
def test_a_sound_view_is_sound(view: dict):
    assert view_problems(view) == []


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"type": "tab", "blocks": []}, "view: type 'tab' is unknown"),
        ({"type": "modal", "blocks": []}, "view.title: is missing"),
        (modal(title=plain("x" * 25)), "view.title.text: has 25 characters"),
        (modal(submit=plain("x" * 25)), "view.submit.text: has 25 characters"),
        (modal(INPUT), "view.submit: is needed"),
        (modal(private_metadata="x" * 3_001), "view.private_metadata: has 3,001"),
        (modal(*[{"type": "divider"}] * 101), "view.blocks: has 101 items"),
        (modal(pie(1)), "view.blocks[0]: type 'data_visualization'"),
        ({"type": "home", "blocks": [table(1, 1)]}, "view.blocks[0]: type 'table'"),
        ({"type": "home", "blocks": [], "submit": plain("Save")}, "view.submit: is not a field"),
        (modal(section(block_id="a"), section(block_id="a")), "the blocks: block_id 'a' is used 2 times"),
        (modal(*[section("x" * 3_000)] * 90), "view: has 27"),
    ],
)
def test_a_view_that_slack_refuses_is_found(view: dict, problem: str):
    found = view_problems(view)
    assert any(each.startswith(problem) for each in found), found


OPINIONS = {
    "header": (LIMITS.header, lambda size: second_opinion.HeaderBlock("x" * size)),
    "section": (LIMITS.section_text, lambda size: second_opinion.SectionBlock("x" * size)),
    "field": (LIMITS.section_field, lambda size: second_opinion.SectionBlock(fields=["x" * size])),
    "fields": (LIMITS.section_fields, lambda size: second_opinion.SectionBlock(fields=["x"] * size)),
    "alt text": (LIMITS.image_alt, lambda size: second_opinion.ImageBlock("https://a.example", alt_text="x" * size)),
    "button": (LIMITS.button_text, lambda size: second_opinion.ActionsBlock([second_opinion.Button("x" * size, "a")])),
    "value": (LIMITS.button_value, lambda size: second_opinion.ActionsBlock([second_opinion.Button("x", "a", value="x" * size)])),
    "actions": (LIMITS.actions_elements, lambda size: second_opinion.ActionsBlock([second_opinion.Button("x", str(each)) for each in range(size)])),
    "context": (LIMITS.context_elements, lambda size: second_opinion.ContextBlock([second_opinion.Text("x")] * size)),
    "markdown": (LIMITS.markdown, lambda size: second_opinion.MarkdownBlock("x" * size)),
    "block_id": (LIMITS.identifier, lambda size: second_opinion.DividerBlock(block_id="x" * size)),
    "table rows": (LIMITS.table_rows, lambda size: second_opinion.TableBlock([[second_opinion.RawText("x")]] * size)),
    "table columns": (LIMITS.table_columns, lambda size: second_opinion.TableBlock([[second_opinion.RawText("x")] * size])),
    "chart title": (LIMITS.chart_title, lambda size: second_opinion.DataVisualizationBlock("x" * size, second_opinion.PieChart([second_opinion.ChartSegment("x", 1)]))),
    "segment": (LIMITS.chart_label, lambda size: second_opinion.DataVisualizationBlock("x", second_opinion.PieChart([second_opinion.ChartSegment("x" * size, 1)]))),
}  # fmt: skip


@pytest.mark.parametrize(("limit", "build"), OPINIONS.values(), ids=OPINIONS)
def test_slackblocks_draws_the_line_at_the_same_place(limit: int, build):
    assert of(build(limit)._resolve()) == []
    with pytest.raises(InvalidUsageError):
        build(limit + 1)


def test_where_slackblocks_allows_more_the_smaller_limit_stands():
    rows = [[second_opinion.RawText("x")]] * 201
    segments = [second_opinion.ChartSegment(str(number), 1) for number in range(12)]
    assert of(second_opinion.DataTableBlock(rows, caption="Deals")._resolve())
    assert of(second_opinion.DataVisualizationBlock("Deals", second_opinion.PieChart(segments))._resolve())
