"""Measures what the project promises about speed: ``python -m bench [--size large] [--only NAME]``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import answers, demo, digest, hubspot, publishing
from bench.company import SIZES

_SMALL = "small"  # what single answers are held against
_ON_COMPANIES = ("digest", "answers", "publishing")
_PARTS = ("demo", "hubspot", *_ON_COMPANIES)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="large", help="of the company (default: %(default)s)")
    parser.add_argument("--only", choices=_PARTS, help="one part alone")
    given = parser.parse_args()
    wanted = (given.only,) if given.only else _PARTS
    if "demo" in wanted:
        demo.measure()
    if "hubspot" in wanted:
        hubspot.measure(given.size)
    if set(wanted) & set(_ON_COMPANIES):
        with tempfile.TemporaryDirectory() as folder:
            _on_made_companies(Path(folder), given.size, wanted)


def _on_made_companies(folder: Path, size: str, wanted: tuple[str, ...]) -> None:
    asked, small = folder / size, folder / _SMALL
    loading, published = publishing.make_store(asked, SIZES[size])
    if "digest" in wanted:
        digest.measure(asked)
    if "answers" in wanted:
        if size != _SMALL:
            publishing.make_store(small, SIZES[_SMALL])
        answers.measure(asked, small)
    if "publishing" in wanted:
        publishing.measure(asked, loading, published)


main()
