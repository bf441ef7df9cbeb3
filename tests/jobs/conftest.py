"""One small utility and one uninterrupted night over it, made once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from answer_nights import AnswerNights, make_nights
from pyspark.sql import SparkSession
from small_utility import NIGHT, Utility

from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period, parse_day
from jobs import nightly, simulate

PERIOD = Period.day(parse_day(NIGHT))


def make_once(folder: Path, make: Callable[[], object]) -> None:
    """Fill the folder, unless another process of the run has; waits while another does."""
    folder.parent.mkdir(exist_ok=True)
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make()
            done.touch()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in all processes of a test run; a process of pytest-xdist has a folder of its own within the run's."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "utility"


@pytest.fixture(scope="session")
def utility(spark: SparkSession, shared_folder: Path) -> Utility:
    small = Utility(shared_folder / "landing")
    config = small.config(shared_folder / "unused")
    make_once(small.landing, lambda: simulate.run(spark, config, PERIOD))
    return small


@pytest.fixture(scope="session")
def reference(spark: SparkSession, utility: Utility, shared_folder: Path) -> Path:
    """The lake of one uninterrupted night, run in the tests' own Spark session: tests by spark-submit compare to it."""
    lake = shared_folder / "lake"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the libraries: a job does not stop at them either
        make_once(lake, lambda: run_with_lease("nightly", spark, utility.config(lake), PERIOD, nightly.run))
    return lake


@pytest.fixture(scope="session")
def answer_nights(spark: SparkSession, utility: Utility, reference: Path, shared_folder: Path) -> AnswerNights:
    """What two nights' answers are made of and what they left, on the way and at the end."""
    folder = shared_folder / "answers"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make_once(folder, lambda: make_nights(spark, utility, reference, folder))
    return AnswerNights(folder, utility)
