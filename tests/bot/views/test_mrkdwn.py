import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.mrkdwn import cut, date_token, escape, escape_plain, mention, plain
from tests.bot.views.readings import HOSTILE

ENTITY = re.compile(r"&(amp|lt|gt);")


def test_nothing_in_a_name_pings_formats_or_starts_a_line() -> None:
    assert (
        escape(HOSTILE)
        == "&lt;!channel&gt; \u2217Ana\u2217 \u02cdx\u02cd \u02cby\u02cb \u223cz\u223c &amp; &lt;@U1&gt; &gt; # :tada:"
    )


def test_a_name_that_begins_like_a_quotation_is_none() -> None:
    assert escape("> said so") == "\u2060&gt; said so"


def test_plain_text_keeps_its_marks_and_escapes_what_slack_parses() -> None:
    assert escape_plain("*A* <b> & c", 100) == "*A* &lt;b&gt; &amp; c"


def test_a_number_keeps_the_blank_that_holds_it_to_its_unit() -> None:
    assert plain("63,2\u00a0%\u2003of\tall") == "63,2\u00a0% of all"


@pytest.mark.parametrize(
    "grapheme",
    [
        "e\u0301",  # a letter and its accent
        "👩\u200d👩\u200d👧",  # a family
        "👍🏽",  # a skin tone
        "🇻🇳",  # a flag
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # a flag by tags
        "한",  # a syllable in its parts
        "न्",  # a letter and its virama
    ],
)
def test_a_grapheme_is_cut_off_whole_or_not_at_all(grapheme: str) -> None:
    text = grapheme * 3
    cuts = {cut(text, limit) for limit in range(1, len(text))}
    assert cuts <= {grapheme * whole + "…" for whole in range(3)}
    assert cut(text, len(text)) == text


@given(st.text(max_size=200), st.integers(min_value=2, max_value=60))
def test_what_is_escaped_is_never_too_long_and_never_half_an_entity(text: str, limit: int) -> None:
    for escaped in (escape(text, limit), escape_plain(text, limit)):
        assert len(escaped) <= limit
        assert not {"<", ">", "\n"} & set(escaped)
        assert "&" not in ENTITY.sub("", escaped)
        escaped.encode()


@given(st.text(alphabet="*_`~<>&\n# a", max_size=50))
def test_no_mark_of_mrkdwn_is_left(text: str) -> None:
    assert not set("*_`~<>\n") & set(escape(text))


def test_an_instant_is_shown_in_its_readers_zone() -> None:
    token = date_token(datetime(2026, 11, 20, 16, 55, tzinfo=UTC))
    assert token == "<!date^1795193700^{date_short_pretty} at {time}|2026-11-20 16:55 UTC>"


def test_a_mention_holds_an_id_and_nothing_else() -> None:
    assert mention("U1> <!channel") == "<@U1channel>"
