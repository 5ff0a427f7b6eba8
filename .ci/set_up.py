"""Brings .venv to what the lock files say. The Makefile runs it before each target that needs .venv.

    python .ci/set_up.py            what running Scoreline needs
    python .ci/set_up.py --dev      also what its tests and gates need
    python .ci/set_up.py --lock     writes the lock files anew (--upgrade: with the newest versions)

A run that finds everything in place does nothing, two at once wait for one another, and one that was broken off
is done again by the next. Needs the standard library alone.
"""

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.stamp"

INSTALLERS = ROOT / "requirements-install.lock"
RUNTIME = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"

OLDEST_PYTHON = "3.11"
PIP = "pip>=26"  # the pip that Python brings takes nearly twice as long to install the same wheels
UV = "uv==0.13.9"


def main() -> int:
    """Gives the exit status: 0, or that of the step that failed."""
    parser = argparse.ArgumentParser(description="Brings .venv to what the lock files say.")
    parser.add_argument("--dev", action="store_true", help="also what tests and gates need")
    parser.add_argument("--lock", action="store_true", help="write the lock files anew")
    parser.add_argument("--upgrade", action="store_true", help="with --lock: take the newest versions")
    arguments = parser.parse_args()
    try:
        with alone():
            if arguments.lock:
                write_locks(upgrade=arguments.upgrade)
            else:
                set_up(DEV if arguments.dev else RUNTIME)
    except subprocess.CalledProcessError as error:
        print(f"Setting up stopped: {error.cmd[2:5]} ended with status {error.returncode}.", file=sys.stderr)
        return 1
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """Waits until no other run sets up the same work tree. The system frees the lock when its process ends."""
    with INSTALLERS.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another run that sets up .venv.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(lock: Path) -> None:
    """Installs the lock's packages and the project itself, unless a stamp says that this was done."""
    if usable() and STAMP.is_file() and STAMP.read_text() in {stamp(lock), stamp(DEV)}:
        return
    started = time.monotonic()
    print("Setting up .venv: the first time this downloads about 130 MB.", flush=True)
    if not usable():
        make_venv()
    STAMP.unlink(missing_ok=True)
    install("--require-hashes", "-r", str(INSTALLERS))
    install("--require-hashes", "-r", str(lock))
    install("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(stamp(lock))
    print(f".venv is set up, after {time.monotonic() - started:.0f} s.", flush=True)


def usable() -> bool:
    """Whether .venv has an interpreter of this version that runs, with a pip, and belongs to this folder.

    Scripts carry the folder's path: they break when it is moved.
    """
    if not PYTHON.is_file() or (STAMP.is_file() and f" {VENV} " not in STAMP.read_text()):
        return False
    ask = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return subprocess.run([PYTHON, "-c", ask], check=False, stderr=subprocess.DEVNULL).returncode == 0


def make_venv() -> None:
    """Makes .venv, without a pip where this Python has one outside it: the copy that Python brings takes 3 s."""
    bare = find_spec("pip") is not None and Path(sys.prefix) != VENV
    run(sys.executable, "-m", "venv", "--clear", *(("--without-pip",) if bare else ()), str(VENV))


def stamp(lock: Path) -> str:
    """A line that changes with whatever decides what is installed."""
    digest = hashlib.sha256()
    for path in (INSTALLERS, lock, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return f"{lock.name} {VENV} {digest.hexdigest()}"


def install(*arguments: str) -> None:
    """Runs pip for .venv.

    Byte code is left to the first import: compiling all of pandas and its tests takes longer than the installation.
    """
    pip = PYTHON if next(VENV.glob("lib/python*/site-packages/pip"), None) else Path(sys.executable)
    options = ("--quiet", "--no-compile", "--disable-pip-version-check", "--no-input")
    run(str(pip), "-m", "pip", "--python", str(PYTHON), "install", *options, *arguments)


def write_locks(*, upgrade: bool) -> None:
    """Resolves pyproject.toml for every platform and Python from the oldest on, with hashes and no registry's name."""
    tools = ROOT / "build" / "lock"
    run(sys.executable, "-m", "venv", str(tools))
    run(str(tools / "bin" / "python"), "-m", "pip", "install", "--quiet", UV)
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    compile_lock = (
        *(str(tools / "bin" / "uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate"),
        *("--python-version", OLDEST_PYTHON, "--no-emit-index-url", "--custom-compile-command", "make lock"),
        *(("--upgrade",) if upgrade else ()),
    )
    run(*compile_lock, "-", "--output-file", INSTALLERS.name, given="\n".join([PIP, *build]))
    run(*compile_lock, "pyproject.toml", "--output-file", RUNTIME.name)
    run(*compile_lock, "pyproject.toml", "--group", "dev", "-c", RUNTIME.name, "--output-file", DEV.name)


def run(*command: str, given: str | None = None) -> None:
    """Runs one step. Raises CalledProcessError; what the step has to say about it is on standard error."""
    # setuptools warns of every editable installation.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore:Editable installation"}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, input=given, text=True)


if __name__ == "__main__":
    sys.exit(main())
