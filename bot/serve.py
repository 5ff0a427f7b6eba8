"""``kpi serve``: the Slack app, and the periodic sync in a child process so that acks never wait for it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.app import running_app

if TYPE_CHECKING:
    from bot.config import Config

log = logging.getLogger(__name__)

_INCOMPLETE = 4  # the exit status of a sync that goes on at the next call
_CHILD_LOOKED_AT_SECONDS = 0.2
_CHILD_ENDS_SECONDS = 10


def serve(config: Config, *, with_sync: bool, stop: threading.Event, environ: Mapping[str, str]) -> None:
    """Answers until ``stop`` is set, then lets what is being answered finish. A sync that runs then is ended: it goes
    on where it was at the next start. A sync gets ``environ`` without Slack's tokens, which it has no use for. Raises
    ConfigError and SlackUnreachableError at the start."""
    without_slack = {name: value for name, value in environ.items() if not name.startswith("SLACK_")}
    with running_app(config), _syncing(config, stop, without_slack) if with_sync else _nothing():
        log.info("Serving until stopped")
        stop.wait()
        log.info("Stopping")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _syncing(config: Config, stop: threading.Event, environ: Mapping[str, str]) -> Iterator[None]:
    thread = threading.Thread(target=_sync_periodically, args=(config, stop, environ), name="sync")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _sync_periodically(config: Config, stop: threading.Event, environ: Mapping[str, str]) -> None:
    while not stop.is_set():
        status = _run_sync(config, stop, environ)
        if not status:
            log.info("Synced and published")
        elif status == _INCOMPLETE:  # the child's own line says why, and when the source goes on
            log.info("The sync is incomplete; it goes on in %d min", _minutes(config))
        elif not stop.is_set():
            log.warning("The sync ended with status %d; the next one is tried in %d min", status, _minutes(config))
        stop.wait(_minutes(config) * 60)


def _run_sync(config: Config, stop: threading.Event, environ: Mapping[str, str]) -> int:
    """One sync in a process of its own; what goes wrong in it is told where our own log goes. Its exit status."""
    command = [sys.executable, "-P", "-m", "bot.cli", "sync", "--config", str(config.file)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environ) as child:  # noqa: S603, our own program
        try:
            while child.poll() is None and not stop.wait(_CHILD_LOOKED_AT_SECONDS):
                pass
            if child.poll() is None:
                child.terminate()
            return child.wait(_CHILD_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def _minutes(config: Config) -> int:
    return config.sync.every_minutes
