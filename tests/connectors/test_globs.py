"""Patterns as people write them."""

import re

import duckdb
import pytest

from connectors.globs import globs_regex

FITS = [
    (["*test*"], "A Contest", True),
    (["[TEST] *"], "[test] Migration", True),
    (["[TEST] *"], "T Migration", False),
    (["a?c"], "abc", True),
    (["a?c"], "ac", False),
    (["1.0 (old)"], "1.0 (OLD)", True),
    (["1.0"], "1x0", False),
    ([" demo "], "demo", True),
    (["x", "*\N{LATIN SMALL LETTER E WITH ACUTE}"], "CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}", True),
    (["*test*"], "one\ntest\nline", True),
    ([], "", False),
    ([], "x", False),
]


@pytest.mark.parametrize(("globs", "text", "fits"), FITS)
def test_star_and_question_mark_are_wild_and_the_rest_literal(globs: list[str], text: str, fits: bool) -> None:  # noqa: FBT001
    assert bool(re.fullmatch(globs_regex(globs), text)) is fits


@pytest.mark.parametrize(("globs", "text", "fits"), FITS)
def test_duckdb_reads_the_same_expression(globs: list[str], text: str, fits: bool) -> None:  # noqa: FBT001
    assert duckdb.execute("select regexp_full_match($1, $2)", [text, globs_regex(globs)]).fetchone() == (fits,)
