"""What holds for all tests."""

import pytest
from hypothesis import settings

# The same examples on every run, and no limit per example: a slow machine is no failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="fail when a test was skipped, as CI does")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--fail-on-skip") and _skips(session.config):
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--fail-on-skip") and (skips := _skips(config)):
        terminalreporter.write_line(f"FAILED: {skips} skipped, and --fail-on-skip takes no skip", red=True)


def _skips(config: pytest.Config) -> int:
    """How many tests and modules were skipped. A worker of xdist has no reporter and leaves the count to its master."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0
