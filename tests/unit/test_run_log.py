"""A run's log lines say which run they are of, and a night's steps have fields of their own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from energy_lib.config import Config
from energy_lib.entry import run_and_record
from energy_lib.intervals import Period
from energy_lib.lake import Outcome
from energy_lib.lake.small_tables import SmallTables
from energy_lib.run_log import LOGGERS, configure_logging, run_fields

DAY = Period.day(date(2024, 2, 20))


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The loggers of other tests propagate, so that pytest sees their records."""
    kept = [(logger, logger.level, logger.propagate, logger.handlers[:]) for logger in map(logging.getLogger, LOGGERS)]
    yield
    for logger, level, propagate, handlers in kept:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers


def test_a_line_has_time_level_job_run_and_period(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    log = logging.getLogger("energy_lib.cleaning.pipeline")
    with run_fields("nightly", "nightly-1", DAY):
        with run_fields("clean", "clean-1", DAY):
            log.info("%d rows", 3)
        log.warning("late")
    log.info("outside")
    captured = capsys.readouterr()
    assert captured.out == ""
    stamps, lines = zip(*(line.split(" ", 1) for line in captured.err.splitlines()), strict=True)
    assert lines == (
        "INFO job=clean run=clean-1 period=2024-02-20 energy_lib.cleaning.pipeline: 3 rows",
        "WARNING job=nightly run=nightly-1 period=2024-02-20 energy_lib.cleaning.pipeline: late",
        "INFO job=- run=- period=- energy_lib.cleaning.pipeline: outside",
    )
    assert all(stamp.endswith("Z") and stamp[10] == "T" for stamp in stamps)


def test_configuring_twice_prints_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    configure_logging()
    logging.getLogger("jobs.nightly").info("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_run_logs_its_start_and_end_under_its_run_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As its row in ops.runs; a run that fails logs an error."""
    lake: Any = SimpleNamespace(spark=None, small_tables=SmallTables(str(tmp_path)))
    configure_logging()
    run_and_record("clean", lake, Config(), DAY, lambda *_: Outcome(rows_in=3, rows_out=2), "clean-1")

    def fail(*_: object) -> Outcome:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run_and_record("clean", lake, Config(), DAY, fail, "clean-2")
    lines = [line.split(" ", 1)[1].rpartition(",")[0] or line for line in capsys.readouterr().err.splitlines()]
    prefix = "job=clean run=clean-{} period=2024-02-20 energy_lib.entry:"
    assert lines[1] == f"INFO {prefix.format(1)} succeeded: 3 rows in, 2 out"
    assert lines[3] == f"ERROR {prefix.format(2)} failed: 0 rows in, 0 out"
    for run, line in zip((1, 2), lines[::2], strict=True):
        assert line.endswith(f"{prefix.format(run)} started")
