"""Hold a run of a whole tier to its minutes in pyproject.toml: half as long again fails it (docs/reliability.md)."""

from __future__ import annotations

import os
import time

import pytest

BEGUN = pytest.StashKey[float]()
LINE = pytest.StashKey[str]()
ALLOWED = 1.5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", help="say how long the run took beside this tier's minutes; under CI, fail beyond 1.5 x")
    parser.addini("tier_minutes", "lines `tier = minutes` on two cores", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BEGUN] = time.monotonic()


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    tier = config.getoption("--tier")
    # A process of pytest-xdist sees a part of the run only.
    if tier is None or hasattr(config, "workerinput"):
        return
    minutes = (time.monotonic() - config.stash[BEGUN]) / 60
    line, outgrown = judged(tier, minutes, config.getini("tier_minutes"))
    config.stash[LINE] = line
    # Elsewhere the machine may be slow or busy with something else.
    if outgrown and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if LINE in config.stash:
        terminalreporter.write_line(config.stash[LINE])
    seed = config.getoption("randomly_seed", None)
    if exitstatus and seed is not None:
        terminalreporter.write_line(f"The same order again: --randomly-seed={seed}")


def judged(tier: str, minutes: float, budgets: list[str]) -> tuple[str, bool]:
    """A line on the tier's time, and whether it is more than half beyond the budget."""
    budget = {name.strip(): float(value) for name, value in (line.split("=") for line in budgets)}
    if tier not in budget:
        raise pytest.UsageError(f"--tier {tier}: tier_minutes in pyproject.toml has {', '.join(budget)}")
    outgrown = minutes > ALLOWED * budget[tier]
    line = f"{tier}: {minutes:.1f} minutes of {budget[tier]:g}"
    return (f"{line}: more than half beyond its budget, make the slow ones faster" if outgrown else line), outgrown
