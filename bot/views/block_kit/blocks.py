"""The blocks: which fields each has, and where it may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.views.block_kit.elements import ACTIONS, IDENTIFIER, IMAGE, INPUTS, PICTURE_URL, RICH_TEXT, plain, text
from bot.views.block_kit.numbers import LIMITS
from bot.views.block_kit.shapes import Check, choice, every, fields, flag, many, number, string, tagged, whole

_RAW_TEXT = fields({"text": string(LIMITS.table_characters)})
_RAW_NUMBER = fields({"value": number(), "text": string(LIMITS.table_characters)})
_ALIGN = fields({}, {"align": choice("left", "center", "right"), "is_wrapped": flag})


def _even_rows(value: object, path: str) -> Iterator[str]:
    """Rows of one length, so that no cell stands under another column's name."""
    rows = value.get("rows") if isinstance(value, Mapping) else None
    for index, (above, below) in enumerate(pairwise(rows or ()), start=1):
        if len(above) != len(below):
            yield f"{path}.rows[{index}]: has {len(below)} cells, the row above it has {len(above)}"


def _header_row(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    header = value["rows"][0]
    for index, cell in enumerate(header):
        if cell["type"] == "rich_text":
            yield f"{path}.rows[0][{index}]: a header's cell must not be rich_text"
    if value.get("row_header_column_index", 0) >= len(header):
        yield f"{path}.row_header_column_index: there is no such column"


_POINT = fields({"label": string(LIMITS.chart_label), "value": number()})
_SERIES = fields({"name": string(LIMITS.chart_label), "data": many(_POINT, LIMITS.chart_categories)})
_AXES = fields(
    {"categories": many(string(LIMITS.chart_label), LIMITS.chart_categories)},
    {"x_label": string(LIMITS.chart_axis), "y_label": string(LIMITS.chart_axis)},
)
_SEGMENT = fields({"label": string(LIMITS.chart_label), "value": number(above=0)})


def _no_gaps(value: object, path: str) -> Iterator[str]:
    """Distinct categories and series, and one point of every series in every category."""
    if not isinstance(value, Mapping):
        return
    categories = value["axis_config"]["categories"]
    if len(set(categories)) != len(categories):
        yield f"{path}.axis_config.categories: must differ from one another"
    if len({each["name"] for each in value["series"]}) != len(value["series"]):
        yield f"{path}.series: names must differ from one another"
    for index, each in enumerate(value["series"]):
        if sorted(point["label"] for point in each["data"]) != sorted(categories):
            yield f"{path}.series[{index}].data: needs one point for every category and no other"


_XY_CHART = every(fields({"series": many(_SERIES, LIMITS.chart_series), "axis_config": _AXES}), _no_gaps)
_CHART = tagged(
    {
        "pie": fields({"segments": many(_SEGMENT, LIMITS.chart_series)}),
        "bar": _XY_CHART,
        "line": _XY_CHART,
        "area": _XY_CHART,
    }
)


def _section_says_something(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping) and not ("text" in value or "fields" in value):
        yield f"{path}: a section needs text or fields"


def _block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    return fields(required, {"block_id": IDENTIFIER, **(optional or {})})


IN_VIEWS: dict[str, Check] = {
    "actions": _block({"elements": many(tagged(ACTIONS), LIMITS.actions_elements)}),
    "context": _block(
        {
            "elements": many(
                tagged(
                    {
                        "plain_text": fields({"text": string(LIMITS.text)}, {"emoji": flag}),
                        "mrkdwn": fields({"text": string(LIMITS.text)}, {"verbatim": flag}),
                        "image": IMAGE,
                    }
                ),
                LIMITS.context_elements,
            )
        }
    ),
    "divider": _block({}),
    "header": _block({"text": plain(LIMITS.header)}),
    "image": _block(
        {"image_url": PICTURE_URL, "alt_text": string(LIMITS.image_alt)}, {"title": plain(LIMITS.image_title)}
    ),
    "input": _block(
        {"label": plain(LIMITS.input_label), "element": tagged(INPUTS)},
        {"hint": plain(LIMITS.input_label), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": RICH_TEXT,
    "section": every(
        _block(
            {},
            {
                "text": text(LIMITS.section_text),
                "fields": many(text(LIMITS.section_field), LIMITS.section_fields),
                "accessory": tagged({"image": IMAGE, **ACTIONS}),
                "expand": flag,
            },
        ),
        _section_says_something,
    ),
}
_TABLE = every(
    _block(
        {
            "rows": many(
                many(tagged({"raw_text": _RAW_TEXT, "rich_text": RICH_TEXT}), LIMITS.table_columns), LIMITS.table_rows
            )
        },
        {"column_settings": many(_ALIGN, LIMITS.table_columns)},
    ),
    _even_rows,
)
IN_MESSAGES: dict[str, Check] = {
    **IN_VIEWS,
    "markdown": _block({"text": string(LIMITS.markdown)}),
    "table": _TABLE,
    "data_table": every(
        _block(
            {
                "caption": string(LIMITS.text),
                "rows": many(
                    many(
                        tagged({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT}),
                        LIMITS.table_columns,
                    ),
                    LIMITS.data_table_rows,
                    2,
                ),
            },
            {
                "page_size": whole(1, LIMITS.data_table_page),
                "row_header_column_index": whole(0, LIMITS.table_columns - 1),
            },
        ),
        _even_rows,
        _header_row,
    ),
    "data_visualization": _block({"title": string(LIMITS.chart_title), "chart": _CHART}),
    "container": _block(
        {
            "title": plain(LIMITS.container_title),
            "child_blocks": many(tagged({**IN_VIEWS, "table": _TABLE}), LIMITS.container_blocks),
        },
        {"subtitle": text(LIMITS.container_title), "is_collapsible": flag, "default_collapsed": flag},
    ),
}
