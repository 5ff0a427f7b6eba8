"""What stands inside blocks: text objects, buttons, menus, inputs and rich text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.views.block_kit.numbers import LIMITS
from bot.views.block_kit.shapes import (
    Check,
    anything,
    choice,
    every,
    fields,
    flag,
    many,
    string,
    tagged,
    url,
    whole,
)


def plain(most: int) -> Check:
    return tagged({"plain_text": fields({"text": string(most)}, {"emoji": flag})})


def text(most: int) -> Check:
    return tagged(
        {
            "plain_text": fields({"text": string(most)}, {"emoji": flag}),
            "mrkdwn": fields({"text": string(most)}, {"verbatim": flag}),
        }
    )


IDENTIFIER = string(LIMITS.identifier)
PICTURE_URL = url(LIMITS.url, "https", "http")
_LINK = url(LIMITS.url, "https", "http", "mailto", "slack", "tel")

_CONFIRM = fields(
    {
        "title": plain(LIMITS.confirm_title),
        "text": text(LIMITS.confirm_text),
        "confirm": plain(LIMITS.confirm_button),
        "deny": plain(LIMITS.confirm_button),
    },
    {"style": choice("primary", "danger")},
)


def _option(text: Check) -> Check:
    return fields(
        {"text": text, "value": string(LIMITS.option_value)},
        {"description": plain(LIMITS.option_text), "url": _LINK},
    )


_OPTION = _option(plain(LIMITS.option_text))
_CHOICE = _option(text(LIMITS.option_text))
_OPTIONS = many(_OPTION, LIMITS.options)
_GROUP = fields({"label": plain(LIMITS.option_text), "options": _OPTIONS})
_INTERACTIVE: dict[str, Check] = {"action_id": IDENTIFIER, "confirm": _CONFIRM, "focus_on_load": flag}
_ASKING: dict[str, Check] = {**_INTERACTIVE, "placeholder": plain(LIMITS.placeholder)}


def _one_of_both(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping) and ("options" in value) == ("option_groups" in value):
        yield f"{path}: needs either options or option_groups"


def _selects() -> dict[str, Check]:
    """``static_select``, ``users_select`` and their kin, single and ``multi_``."""
    groups = many(_GROUP, LIMITS.options)
    sources: dict[str, tuple[dict[str, Check], Check, str]] = {
        "static": ({"options": _OPTIONS, "option_groups": groups}, _OPTION, "option"),
        "external": ({"min_query_length": whole(0, LIMITS.input_text)}, _OPTION, "option"),
        "users": ({}, IDENTIFIER, "user"),
        "conversations": ({"default_to_current_conversation": flag, "filter": anything}, IDENTIFIER, "conversation"),
        "channels": ({}, IDENTIFIER, "channel"),
    }
    found: dict[str, Check] = {}
    for source, (own, item, noun) in sources.items():
        single = fields({}, {**_ASKING, **own, f"initial_{noun}": item, "response_url_enabled": flag})
        several = fields(
            {},
            {**_ASKING, **own, f"initial_{noun}s": many(item, LIMITS.options), "max_selected_items": whole(1, 100)},
        )
        needs = [_one_of_both] if source == "static" else []
        found[f"{source}_select"] = every(single, *needs)
        found[f"multi_{source}_select"] = every(several, *needs)
    return found


IMAGE = fields({"image_url": PICTURE_URL, "alt_text": string(LIMITS.image_alt)})
_BUTTON = fields(
    {"text": plain(LIMITS.button_text)},
    {
        **_INTERACTIVE,
        "value": string(LIMITS.button_value),
        "url": _LINK,
        "style": choice("primary", "danger"),
        "accessibility_label": string(LIMITS.button_text),
    },
)
_PICKERS: dict[str, Check] = {
    "datepicker": fields({}, {**_ASKING, "initial_date": string(10, 10)}),
    "timepicker": fields({}, {**_ASKING, "initial_time": string(5, 5), "timezone": string(LIMITS.identifier)}),
    "checkboxes": fields(
        {"options": many(_CHOICE, LIMITS.choices)},
        {**_INTERACTIVE, "initial_options": many(_CHOICE, LIMITS.choices)},
    ),
    "radio_buttons": fields({"options": many(_CHOICE, LIMITS.choices)}, {**_INTERACTIVE, "initial_option": _CHOICE}),
}
ACTIONS: dict[str, Check] = {
    "button": _BUTTON,
    "overflow": fields({"options": many(_OPTION, LIMITS.overflow_options)}, _INTERACTIVE),
    **_PICKERS,
    **_selects(),
}
_TYPED: dict[str, Check] = {"initial_value": string(LIMITS.input_text, 0), "dispatch_action_config": anything}
INPUTS: dict[str, Check] = {
    "plain_text_input": fields(
        {},
        {
            **_ASKING,
            **_TYPED,
            "multiline": flag,
            "min_length": whole(0, LIMITS.input_text),
            "max_length": whole(1, LIMITS.input_text),
        },
    ),
    "number_input": fields(
        {"is_decimal_allowed": flag},
        {**_ASKING, **_TYPED, "min_value": string(LIMITS.identifier), "max_value": string(LIMITS.identifier)},
    ),
    "email_text_input": fields({}, {**_ASKING, **_TYPED}),
    **_PICKERS,
    **_selects(),
}

_STYLE = fields({}, {"bold": flag, "italic": flag, "strike": flag, "code": flag, "underline": flag})
_RUNS = many(
    tagged(
        {
            "text": fields({"text": string(LIMITS.message_text)}, {"style": _STYLE}),
            "link": fields({"url": _LINK}, {"text": string(LIMITS.text), "unsafe": flag, "style": _STYLE}),
            "emoji": fields({"name": IDENTIFIER}, {"unicode": IDENTIFIER, "style": _STYLE}),
            "user": fields({"user_id": IDENTIFIER}, {"style": _STYLE}),
            "channel": fields({"channel_id": IDENTIFIER}, {"style": _STYLE}),
            "usergroup": fields({"usergroup_id": IDENTIFIER}, {"style": _STYLE}),
            "broadcast": fields({"range": choice("here", "channel", "everyone")}, {"style": _STYLE}),
            "date": fields(
                {"timestamp": whole(0, 2**53), "format": string(LIMITS.text)},
                {"url": _LINK, "fallback": string(LIMITS.text), "style": _STYLE},
            ),
        }
    ),
    LIMITS.message_characters,
    0,
)
_RICH_SECTION = fields({"elements": _RUNS})
RICH_TEXT = fields(
    {
        "elements": many(
            tagged(
                {
                    "rich_text_section": _RICH_SECTION,
                    "rich_text_quote": fields({"elements": _RUNS}, {"border": whole(0, 1)}),
                    "rich_text_preformatted": fields({"elements": _RUNS}, {"border": whole(0, 1)}),
                    "rich_text_list": fields(
                        {
                            "style": choice("bullet", "ordered"),
                            "elements": many(
                                tagged({"rich_text_section": _RICH_SECTION}), LIMITS.message_characters, 0
                            ),
                        },
                        {"indent": whole(0, 8), "offset": whole(0, 10_000), "border": whole(0, 1)},
                    ),
                }
            ),
            LIMITS.message_characters,
            0,
        )
    },
    {"block_id": IDENTIFIER},
)
