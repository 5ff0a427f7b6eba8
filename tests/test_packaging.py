"""What a built wheel carries beside Python."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOR_READERS_OF_THE_SOURCE = {"README.md"}


def test_every_file_that_the_packages_read_is_built_into_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = [
        path
        for package in ("bot", "connectors", "kpi")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    ]
    left_out = [
        path.relative_to(ROOT)
        for path in files
        if path.name not in FOR_READERS_OF_THE_SOURCE and not any(fnmatch(path.name, each) for each in patterns)
    ]
    assert ROOT / "bot" / "manifest.yaml" in files
    assert left_out == []


def test_the_lock_files_name_no_registry_and_pin_all_by_hash() -> None:
    for lock in ("requirements-install.lock", "requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / lock).read_text().splitlines()
        assert [line for line in lines if "://" in line or "index" in line] == []
        pins = [number for number, line in enumerate(lines) if "==" in line]
        assert pins
        assert all("--hash=sha256:" in lines[number + 1] for number in pins)


def test_the_lock_for_tests_holds_every_pin_of_the_runtime_lock() -> None:
    runtime, dev = (
        {line.strip(" \\") for line in (ROOT / lock).read_text().splitlines() if "==" in line}
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime - dev == set()
