"""Log lines of a run: on stderr, each with UTC time, level, job, run id and period.

Library code logs by `logging.getLogger(__name__)`. A job's answer for people goes to stdout and is no log line.

    2024-05-30T02:00:07Z INFO job=clean run=clean-2024-05-30-1f2e3d4c period=2024-05-30 energy_lib.entry: started
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from energy_lib.intervals import Period
from energy_lib.security.secrets import without_passwords

# The project's own loggers. The root logger is left to the libraries, some of which replace its handlers.
LOGGERS = ("energy_lib", "jobs")
FORMAT = "%(asctime)s %(levelname)s job=%(job)s run=%(run_id)s period=%(period)s %(name)s: %(message)s"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
NO_RUN = {"job": "-", "run_id": "-", "period": "-"}


class RunFields(logging.Filter):
    """Puts job, run id and period of the run at work on every record that passes; '-' outside a run.

    A process does one run at a time, so the fields hold for all of its threads.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fields = NO_RUN

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.update(self.fields)
        return True


class WithoutPasswords(logging.Formatter):
    """Lines and stack traces whose URLs show no password, whatever library wrote them into an error."""

    def format(self, record: logging.LogRecord) -> str:
        return without_passwords(super().format(record))


_run_fields = RunFields()


def configure_logging() -> None:
    """Send the project's log lines to stderr; called once, by the job's entry."""
    formatter = WithoutPasswords(FORMAT, TIME_FORMAT)
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_run_fields)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.handlers[:] = [handler]
        logger.propagate = False


@contextmanager
def run_fields(job: str, run_id: str, period: Period) -> Iterator[None]:
    """Log lines within carry these fields; a step of a night has its own, and the night's come back after it."""
    before = _run_fields.fields
    _run_fields.fields = {"job": job, "run_id": run_id, "period": str(period)}
    try:
        yield
    finally:
        _run_fields.fields = before
