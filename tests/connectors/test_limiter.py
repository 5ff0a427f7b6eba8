"""The limiter, against a server whose window rolls, in simulated time."""

import heapq
import random
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.limiter import BURST, DAILY, SEARCH, Limiter, QuotaSpentError, Ticket


class Time:
    """A clock that sleeping moves."""

    def __init__(self):
        self.now = 1000.0
        self._lock = threading.Lock()

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        with self._lock:
            self.now += seconds


class Simulation:
    """Workers that ask all the time, and others, against a rolling window of ten seconds."""

    def __init__(self, share, *, limit=190, workers=8, latency=(0.05, 0.4), others=0.0, seconds=200.0):
        self.limit, self.seconds, self.others, self.latency = limit, seconds, others, latency
        self.random = random.Random(1)  # noqa: S311 (the same each time)
        self.now = 0.0
        self.limiter = Limiter(share, monotonic=lambda: self.now)
        self.window = deque()
        self.taken = self.refused = self.taken_of_others = 0
        self._events = []
        self._number = 0
        for _ in range(workers):
            self._at(0.0, self._ask)
        if others:
            self._at(0.0, self._other)
        self._run()

    def _at(self, moment, happen, *arguments):
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, happen, arguments))

    def _run(self):
        while self._events[0][0] < self.seconds:
            self.now, _, happen, arguments = heapq.heappop(self._events)
            happen(*arguments)

    def _travel(self):
        return self.now + self.random.uniform(*self.latency) / 2

    def _ask(self):
        answer = self.limiter.ask(BURST)
        if isinstance(answer, Ticket):
            self._at(self._travel(), self._arrive, answer)
        else:
            self._at(self.now + answer, self._ask)

    def _arrive(self, ticket):
        if self._count():
            self.taken += 1
            self._at(self._travel(), self._answered, ticket, self.limit - len(self.window))
        else:
            self.refused += 1
            self._at(self._travel(), self._turned_down, ticket)

    def _count(self):
        while self.window and self.window[0] <= self.now - 10:
            self.window.popleft()
        if len(self.window) >= self.limit:
            return False
        self.window.append(self.now)
        return True

    def _answered(self, ticket, left):
        self.limiter.learn(burst_headers(self.limit, left), ticket)
        self._ask()

    def _turned_down(self, ticket):
        self.limiter.refused(BURST, None, ticket)
        self._ask()

    def _other(self):
        self.taken_of_others += self._count()
        self._at(self.now + self.random.expovariate(self.others), self._other)

    @property
    def use(self):
        return self.taken / (self.limit * self.seconds / 10)


def burst_headers(limit, left):
    return {
        "X-HubSpot-RateLimit-Max": str(limit),
        "X-HubSpot-RateLimit-Remaining": str(left),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    }


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
@pytest.mark.parametrize("latency", [(0.05, 0.1), (0.05, 0.4), (0.01, 0.7)])
def test_alone_nearly_all_of_the_share_is_used_and_nothing_is_refused(share, latency):
    ran = Simulation(share, latency=latency)
    assert ran.refused == 0
    assert 0.9 * share <= ran.use <= share


def test_a_smaller_account_is_not_asked_more_than_it_allows():
    ran = Simulation(1.0, limit=100)
    assert ran.refused == 0
    assert ran.use >= 0.9


def test_others_who_keep_to_their_share_leave_us_ours():
    ran = Simulation(0.9, others=1.5)
    assert ran.use >= 0.9 * 0.9
    assert ran.refused <= 2


@pytest.mark.parametrize("others", [5, 10, 15])
def test_where_others_take_more_than_their_share_we_go_slower_and_are_hardly_refused(others):
    ran = Simulation(0.9, others=others)
    assert ran.refused <= ran.taken * 0.01
    assert ran.taken + ran.taken_of_others >= 0.9 * 190 * 20  # what is left is used
    assert ran.taken_of_others >= 0.1 * 190 * 20


def test_eight_threads_together_send_no_more_than_the_share_in_any_window():
    time = Time()
    limiter = Limiter(0.9, burst=100, sleep=time.sleep, monotonic=time.monotonic)
    sent = []

    def work(_):
        for _ in range(60):
            ticket = limiter.acquire(BURST)
            sent.append(ticket.at)
            limiter.learn({}, ticket)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(sent) == 480
    sent.sort()
    assert all(later - earlier >= 10 for earlier, later in zip(sent, sent[90:], strict=False))
    assert time.now <= 1000 + 10 * 6


def test_those_who_wait_go_in_the_order_they_came():
    time = Time()
    asleep, wake = threading.Event(), threading.Event()

    def sleep(seconds):
        asleep.set()
        assert wake.wait(10)
        time.sleep(seconds)

    limiter = Limiter(burst=1, sleep=sleep, monotonic=time.monotonic)
    limiter.learn({}, limiter.acquire(BURST))
    order = []

    def work(name):
        ticket = limiter.acquire(BURST)
        order.append(name)
        limiter.learn({}, ticket)

    threads = []
    for name in range(4):
        threads.append(threading.Thread(target=work, args=(name,)))
        threads[-1].start()
        asleep.wait(10)
        while len(limiter._queues[BURST]._waiting) <= name:
            threading.Event().wait(0.001)
    wake.set()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]


def test_who_is_interrupted_while_waiting_holds_nobody_up():
    def interrupted(_seconds):
        raise KeyboardInterrupt

    time = Time()
    limiter = Limiter(burst=1, sleep=interrupted, monotonic=time.monotonic)
    limiter.learn({}, limiter.acquire(BURST))
    with pytest.raises(KeyboardInterrupt):
        limiter.acquire(BURST)
    time.now += 10
    assert isinstance(limiter.acquire(BURST), Ticket)


def test_searches_have_a_limit_of_their_own():
    time = Time()
    limiter = Limiter(sleep=time.sleep, monotonic=time.monotonic)
    for _ in range(20):
        limiter.learn({}, limiter.acquire(SEARCH))
    assert time.now - 1000 >= 3
    assert isinstance(limiter.ask(BURST), Ticket)


def test_a_refusal_holds_all_back_for_as_long_as_the_server_says():
    time = Time()
    limiter = Limiter(sleep=time.sleep, monotonic=time.monotonic)
    first, second = limiter.acquire(BURST), limiter.acquire(BURST)
    limiter.refused(BURST, 7.0, first)
    limiter.refused(BURST, None, second)
    assert limiter.ask(BURST) == 7.0
    limiter.acquire(BURST)
    assert time.now == 1007.0


def test_refusals_without_a_word_of_how_long_hold_back_longer_each_time():
    time = Time()
    limiter = Limiter(sleep=time.sleep, monotonic=time.monotonic)
    waits = []
    for _ in range(5):
        ticket = limiter.acquire(BURST)
        limiter.refused(BURST, None, ticket)
        waits.append(limiter.ask(BURST))
    assert waits == [2.5, 5.0, 10.0, 20.0, 20.0]
    limiter.learn(burst_headers(190, 100), limiter.acquire(BURST))
    limiter.refused(BURST, None, limiter.acquire(BURST))
    assert limiter.ask(BURST) == 2.5


def test_a_server_that_asks_to_wait_for_days_is_not_taken_at_its_word():
    limiter = Limiter(monotonic=Time().monotonic)
    limiter.refused(BURST, 1e9, limiter.ask(BURST))
    assert limiter.ask(BURST) <= 120


def test_the_share_of_the_day_ends_before_the_day_does():
    limiter = Limiter(0.8, monotonic=Time().monotonic)
    daily = "X-HubSpot-RateLimit-Daily"
    limiter.learn({daily: "1000", f"{daily}-Remaining": "201"}, limiter.acquire(BURST))
    ticket = limiter.acquire(BURST)
    limiter.learn({daily: "1000", f"{daily}-Remaining": "200"}, ticket)
    for policy in (BURST, SEARCH):
        with pytest.raises(QuotaSpentError):
            limiter.acquire(policy)


def test_a_day_that_is_over_is_looked_at_again_later():
    time = Time()
    limiter = Limiter(monotonic=time.monotonic)
    limiter.refused(DAILY, None, limiter.ask(BURST))
    with pytest.raises(QuotaSpentError):
        limiter.ask(BURST)
    time.now += 3601
    assert isinstance(limiter.ask(BURST), Ticket)


@pytest.mark.parametrize("value", ["", "-1", "many", "1e3", "9" * 30, "0", "²"])
def test_headers_that_cannot_be_meant_change_nothing(value):
    limiter = Limiter(burst=2, monotonic=Time().monotonic)
    names = ("Max", "Interval-Milliseconds", "Daily")
    limiter.learn({f"x-hubspot-ratelimit-{name}": value for name in names}, limiter.ask(BURST))
    assert isinstance(limiter.ask(BURST), Ticket)
    assert limiter.ask(BURST) == pytest.approx(0.05)


@pytest.mark.parametrize("share", [0, -1, 1.1])
def test_a_share_is_a_fraction(share):
    with pytest.raises(ValueError, match="share"):
        Limiter(share)
