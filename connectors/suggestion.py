"""What somebody probably meant by a name that is not there."""

import difflib
from collections.abc import Iterable

_NEAR_ENOUGH = 0.5


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name`` (case, blanks and underscores aside); None where nothing is near."""
    plain = {_plain(one): one for one in known}
    found = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=_NEAR_ENOUGH)
    return plain[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the nearest known one, else all of them."""
    known = list(known)
    near = nearest(name, known)
    if near is not None:
        return f'did you mean "{near}"?'
    return f"there are: {in_one_line(known)}" if known else "there are none"


_MOST_SHOWN = 30
_LONGEST_SHOWN = 60


def in_one_line(names: Iterable[str]) -> str:
    """Names from a file, fit for a message: comma-separated, no line breaks, neither too long nor too many."""
    names = [" ".join(name.split())[:_LONGEST_SHOWN] for name in names]
    shown = ", ".join(names[:_MOST_SHOWN])
    more = len(names) - _MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
