"""The report's app, served on a free port of this machine while a test runs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from running_app import running

from energy_lib.config import Config
from energy_lib.reporting.web import create_app


def served(lake: Path) -> AbstractContextManager[str]:
    """The app's address."""
    return running(create_app(Config(lake=str(lake))))
