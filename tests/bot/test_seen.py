from bot.seen import Seen


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_new_once():
    seen = Seen()

    assert [seen.is_new("a"), seen.is_new("b"), seen.is_new("a")] == [True, True, False]


def test_a_key_that_was_forgotten_is_new_once_more():
    seen = Seen()
    seen.is_new("a")
    seen.forget("a")
    seen.forget("never seen")

    assert [seen.is_new("a"), seen.is_new("a")] == [True, False]


def test_a_key_is_remembered_for_ten_minutes():
    clock = Clock()
    seen = Seen(clock)
    seen.is_new("a")

    clock.now = 600.0
    assert not seen.is_new("a")
    clock.now = 600.1
    assert seen.is_new("a")


def test_ten_thousand_keys_are_remembered_and_the_oldest_goes():
    seen = Seen()
    for n in range(10_001):
        seen.is_new(str(n))

    assert not seen.is_new("10000")
    assert not seen.is_new("1")
    assert seen.is_new("0")
