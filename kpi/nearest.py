"""What somebody probably meant by a name that is not there."""

import difflib
from collections.abc import Collection

_NEAR_ENOUGH = 0.5


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The end of an error about an unknown name: the nearest known one, else all of them."""
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_NEAR_ENOUGH)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"there are: {', '.join(known)}" if known else "there are none"
