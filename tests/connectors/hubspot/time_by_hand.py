"""Time that passes when somebody sleeps."""

from connectors.hubspot.patience import Timing


class HandTime:
    """``slept`` is what was waited for, in order."""

    def __init__(self):
        self.now = 5000.0
        self.slept = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    @property
    def timing(self):
        return Timing(sleep=self.sleep, monotonic=self.monotonic, chance=lambda: 1.0)
