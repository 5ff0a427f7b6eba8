"""Patterns as people write them: ``*`` is any text, ``?`` any one character, all else is meant literally (so that
``[TEST] *`` finds what begins so). Capitals are ignored."""

import re
from collections.abc import Iterable

_WILD = {"*": ".*", "?": "."}


def globs_regex(globs: Iterable[str]) -> str:
    """A regular expression, of Python and of RE2 (DuckDB) alike, that fits a whole text where one of the globs does.
    No globs fit nothing, not even an empty text."""
    either = "|".join("".join(_WILD.get(letter) or re.escape(letter) for letter in glob.strip()) for glob in globs)
    return f"(?is:{either})" if either else r"[^\s\S]"
