"""Fails unless CHANGELOG.md says something about the version in pyproject.toml.

A section is a heading "## 1.2.3" or "## [1.2.3] - 2026-11-22" with at least one item below it.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Gives the exit status: 0 when the version has an entry."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = ROOT / "CHANGELOG.md"
    text = changelog.read_text() if changelog.is_file() else ""
    section = re.search(rf"^## \[?{re.escape(version)}\]?(?: [^\n]*)?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None or not re.search(r"^[-*] \S", section[1], re.MULTILINE):
        print(
            f"CHANGELOG.md says nothing about {version}: add an item under a heading '## {version}'.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
