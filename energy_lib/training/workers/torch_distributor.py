"""PyTorch's workers by Spark's TorchDistributor: a barrier stage, in each task torchrun, and in it our worker."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.errors import BadConfig
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.process import die_with_parent
from energy_lib.training.workers.supervisor import WorkerFailed, supervise

# In the training's folder: the last words of the worker that failed first, which TorchDistributor does not pass on.
FAILURE = "failure.txt"


def require_torch() -> None:
    """PyTorch is an extra; raises BadConfig where it is missing."""
    if find_spec("torch") is None:
        raise BadConfig("training.framework is torch, but PyTorch is not installed here: make install-torch.")


def run_workers(spark: SparkSession, job: WorkerJob, workers: int, program: str) -> None:
    """Run the program (a module) in as many tasks as there are workers; on GPUs where Spark gives each task one.

    Raises WorkerFailed with the words of the first that failed.
    """
    from pyspark.ml.torch.distributor import TorchDistributor

    failure = Path(job.folder) / FAILURE
    failure.unlink(missing_ok=True)
    gpu = spark.conf.get("spark.task.resource.gpu.amount", "0") == "1"
    try:
        TorchDistributor(num_processes=workers, local_mode=False, use_gpu=gpu).run(run_worker, program, job.as_text())
    except Exception as error:
        if not failure.is_file():
            raise
        raise WorkerFailed(failure.read_text(encoding="utf-8")) from error


def run_worker(program: str, text: str) -> None:
    """In torchrun's process: our worker in one of its own, so that one that stands still is ended."""
    die_with_parent()
    try:
        supervise(["-m", program, text], {}, WorkerJob.from_text(text).stall_seconds)
    except WorkerFailed as failed:
        failure = Path(WorkerJob.from_text(text).folder) / FAILURE
        if not failure.is_file():
            failure.write_text(str(failed), encoding="utf-8")
        sys.exit(1)
