"""Requests side by side: one after another would use a fraction of what an account allows a second."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
WORKERS = 8
_WAITING = 4  # results that may wait to be written: memory stays flat
_LOOK_EVERY = 0.2  # seconds


def side_by_side(streams: Sequence[Iterator[T]], workers: int = WORKERS, *, waiting: int = _WAITING) -> Iterator[T]:
    """What the streams give, as it comes; each stream is read by one thread.

    When a stream fails, the others end at their next item; what they have given by then still comes, and then the
    error. Leaving the iterator early ends all of them.
    """
    results: queue.Queue[T | BaseException | None] = queue.Queue(waiting)
    left = deque(streams)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_read, args=(left, results, stop), name=f"hubspot-{number}", daemon=True)
        for number in range(min(workers, len(streams)))
    ]
    for thread in threads:
        thread.start()
    failure: BaseException | None = None
    running = len(threads)
    try:
        while running:
            item = results.get()
            if item is None:
                running -= 1
            elif isinstance(item, BaseException):
                failure = failure or item
            else:
                yield item
    finally:
        stop.set()
        _drain(results, threads)
    if failure is not None:
        raise failure


def in_order(tasks: Iterable[Callable[[], T]], workers: int = WORKERS) -> Iterator[T]:
    """The results of the tasks in their order, some of which run ahead. An error comes when it is its task's turn."""
    with ThreadPoolExecutor(workers, thread_name_prefix="hubspot") as pool:
        ahead: deque[Future[T]] = deque()
        try:
            for task in tasks:
                ahead.append(pool.submit(task))
                if len(ahead) > workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _read(left: deque[Iterator[T]], results: queue.Queue[T | BaseException | None], stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            try:
                stream = left.popleft()
            except IndexError:
                break
            for item in stream:
                if not _put(results, item, stop):
                    break
    except BaseException as error:  # noqa: BLE001 (handed to the thread that reads)
        _put(results, error, stop)
        stop.set()
    finally:
        results.put(None)


def _put(results: queue.Queue[T | BaseException | None], item: T | BaseException, stop: threading.Event) -> bool:
    """Hands an item on, also when others are to stop: it is there. False: this was the last."""
    while True:
        try:
            results.put(item, timeout=_LOOK_EVERY)
        except queue.Full:
            continue
        return not stop.is_set()


def _drain(results: queue.Queue[T | BaseException | None], threads: Sequence[threading.Thread]) -> None:
    """Lets threads end that wait for room."""
    while any(thread.is_alive() for thread in threads):
        try:
            results.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            continue
