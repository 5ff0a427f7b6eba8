from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError

from bot.digests import template
from bot.views.limits import problems
from bot.views.message import Message
from tests.bot.views.readings import HOSTILE


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Renders a template that is written for the test."""
    monkeypatch.setattr(template, "TEMPLATES", tmp_path)
    template._environment.cache_clear()

    def render(text: str, **values: object) -> Message:
        (tmp_path / "own.j2").write_text(text, encoding="utf-8")
        return template.render("own.j2", values, rows=[["Rep", "Deals"], ["Ana", "3"]])

    yield render
    template._environment.cache_clear()


def test_the_beginning_of_a_line_says_what_it_becomes(write: Any) -> None:
    message = write("# Week\n*a*\nb\n\nc\n---\n[table]\n> d\n> e\n")
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["header", "section", "section", "divider", "table", "context"]
    assert message["blocks"][1]["text"]["text"] == "*a*\nb"
    assert message["blocks"][5]["elements"][0]["text"] == "d\ne"
    assert message["text"] == "Week\na\nb\nc\nAna: Deals 3\nd\ne"
    assert problems(message) == []


@pytest.mark.parametrize("value", ["# x", "> x", "---", "[table]", "a\n# b", "\ue000x\ue001", HOSTILE, "{{ 7 * 7 }}"])
def test_a_value_is_never_taken_for_the_templates_own(write: Any, value: str) -> None:
    message = write("{{ value }}", value=value)
    assert [block["type"] for block in message["blocks"]] == ["section"]
    text = message["blocks"][0]["text"]["text"]
    assert not {"\n", "*", "_", "`", "~", "<", ">", "\ue000", "\ue001"} & set(text)
    assert "49" not in text


@pytest.mark.parametrize(
    "form",
    [
        "{{ value }}",
        "{{ value | upper | lower }}",
        "{% set held %}{{ value }}{% endset %}{{ held }}",
        "{% macro shout(text) %}{{ text }}!{% endmacro %}{{ shout(value) }}",
        "{% for one in [value] %}{{ one }}{% endfor %}",
        "{{ [value, value] | join(', ') }}",
        "{% autoescape false %}{{ value }}{% endautoescape %}",
        "{% if true %}# {{ value }}{% endif %}",
    ],
)
def test_no_form_of_a_template_lets_a_ping_through(write: Any, form: str) -> None:
    message = write(form, value="<!channel>")
    assert "<!channel>" not in str(message)
    assert "&lt;!channel&gt;" in message["text"]


@pytest.mark.parametrize("name", ["safe", "e", "escape", "forceescape", "tojson", "urlize", "xmlattr"])
def test_filters_of_web_pages_are_not_there(write: Any, name: str) -> None:
    with pytest.raises(TemplateError, match=name):
        write(f"{{{{ value | {name} }}}}", value="x")


def test_a_template_cannot_reach_beyond_its_values(write: Any) -> None:
    with pytest.raises(SecurityError):
        write("{{ value.__class__.__mro__[1].__subclasses__() }}", value="x")


def test_a_misspelt_value_is_an_error_and_no_empty_place(write: Any) -> None:
    with pytest.raises(TemplateError, match="perod"):
        write("{{ perod }}")


def test_the_templates_own_bold_is_not_read_out_but_a_date_stays_whole(write: Any) -> None:
    message = write("*{{ name }}* _as of_ <!date^1^{date_short_pretty}|then>", name="a*b")
    assert message["text"] == "a\u2217b as of <!date^1^{date_short_pretty}|then>"


@given(st.lists(st.text(max_size=40), max_size=4))
def test_taking_marks_off_a_line_leaves_its_values(values: list[str]) -> None:
    marked = "*x* ".join(f"\ue000{value}\ue001" for value in map(template.plain, values))
    left = template._without_own_marks(marked)
    assert template._VALUE.findall(left) == template._VALUE.findall(marked)
    assert not set("*") & set(template._VALUE.sub("", left))
