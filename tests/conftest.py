"""What holds for all tests."""

from hypothesis import settings

# The same examples on every run, and no limit per example: a slow machine is no failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
