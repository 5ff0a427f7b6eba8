"""Who may import whom, and what a command must not import to start quickly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each costs between 50 ms and half a second, which every question on the command line would pay.
HEAVY = {"aiohttp", "alembic", "numpy", "pandas", "pyarrow", "rich", "slack_bolt", "slack_sdk", "sqlalchemy"}


def test_the_layers_of_pyproject_hold(tmp_path: Path) -> None:
    # In a process of its own: it configures logging, and so disables every logger that is there.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    ran = subprocess.run(
        [*command, "--cache-dir", str(tmp_path)], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    "module",
    [
        "bot.access",
        "bot.cli",
        "bot.cli.ask",
        "bot.config",
        "bot.manifest",
        "bot.question",
        "bot.services",
        "bot.views",
        "connectors.files",
        "kpi.compute",
        "kpi.store",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str) -> None:
    imported = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert HEAVY & set(imported.stdout.split()) == set()
