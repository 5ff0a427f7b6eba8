"""Streams and tasks side by side: nothing gets lost between threads, and none of them stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from connectors.hubspot.workers import WORKERS, in_order, side_by_side

PATIENCE = 10  # seconds, where a test would otherwise hang


class LineError(Exception):
    pass


def numbers(start: int, count: int) -> Iterator[int]:
    yield from range(start, start + count)


def failing_after(items: list[int]) -> Iterator[int]:
    yield from items
    raise LineError


def threads() -> list[str]:
    return [
        each.name for each in threading.enumerate() if each.name.startswith("hubspot-") and "emulator" not in each.name
    ]


def test_all_that_the_streams_give_comes_once_and_in_the_order_of_each():
    given = list(side_by_side([numbers(1000 * stream, 300) for stream in range(3 * WORKERS)]))
    for stream in range(3 * WORKERS):
        assert [each for each in given if each // 1000 == stream] == list(numbers(1000 * stream, 300))
    assert threads() == []


def test_no_streams_give_nothing():
    assert list(side_by_side([])) == []


def test_what_came_before_an_error_comes_and_then_the_error():
    given = []
    with pytest.raises(LineError):
        given.extend(side_by_side([failing_after([1, 2, 3])]))
    assert given == [1, 2, 3]
    assert threads() == []


def test_an_error_ends_the_other_streams_at_their_next_item():
    def endless() -> Iterator[int]:
        while True:
            yield 0

    with pytest.raises(LineError):
        list(side_by_side([endless(), failing_after([]), endless()]))
    assert threads() == []


def test_streams_that_were_not_begun_when_another_failed_are_not_begun():
    begun = []

    def late() -> Iterator[int]:
        begun.append(1)
        yield 1

    with pytest.raises(LineError):
        list(side_by_side([failing_after([]), late()], workers=1))
    assert begun == []


def test_who_leaves_early_leaves_no_thread_behind():
    with closing(side_by_side([numbers(0, 10_000) for _ in range(WORKERS)])) as items:
        assert next(items) >= 0
    assert threads() == []


def test_memory_stays_flat_where_writing_is_slower_than_reading():
    read = []

    def counted() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    with closing(side_by_side([counted()])) as items:
        next(items)
        assert len(read) < 10


def test_tasks_give_their_results_in_their_order_though_later_ones_are_done_first():
    last_done = threading.Event()

    def first() -> int:
        assert last_done.wait(PATIENCE)
        return 1

    def last() -> int:
        last_done.set()
        return 2

    assert list(in_order([first, last])) == [1, 2]


def test_an_error_of_a_task_comes_at_its_turn():
    given = []
    with pytest.raises(LineError):
        given.extend(in_order([lambda: 1, fail, lambda: 3]))
    assert given == [1]


def test_tasks_are_made_where_their_results_are_taken():
    """They look into the mirror, which one thread uses."""
    made_in = set()

    def tasks() -> Iterator[Callable[[], int]]:
        for number in range(3 * WORKERS):
            made_in.add(threading.current_thread().name)
            yield lambda number=number: number

    assert list(in_order(tasks())) == list(range(3 * WORKERS))
    assert made_in == {threading.current_thread().name}


def fail() -> int:
    raise LineError
