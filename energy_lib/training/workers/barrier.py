"""Workers in a Spark barrier stage: all start together or none does, and they exchange their addresses."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyspark import BarrierTaskContext
from pyspark.sql import SparkSession

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.models.families import family_of
from energy_lib.training.checkpoint import newest
from energy_lib.training.spec import FINISHED, NETWORK, TORCH, TrainingSpec
from energy_lib.training.workers.gpus import assigned, visible
from energy_lib.training.workers.job import WorkerJob, cluster_environment
from energy_lib.training.workers.process import cores_each
from energy_lib.training.workers.supervisor import STALL_SECONDS, WorkerFailed, supervise
from energy_lib.training.workers.torch_distributor import require_torch
from energy_lib.training.workers.torch_distributor import run_workers as run_torch


def train(
    spark: SparkSession, spec: TrainingSpec, dataset: Path, folder: Path, stall_seconds: float = STALL_SECONDS
) -> Path:
    """Train `spec` on the dataset, or resume from its newest checkpoint; returns the exported model's folder.

    A finished training is not repeated. An ensemble's network is trained first, in the folder `network` of `folder`.
    Raises TryAgain where a worker failed: its checkpoints stay, and a rerun resumes. Raises BadConfig for more workers
    than Spark has slots.
    """
    finished = folder / FINISHED
    if finished.is_dir():
        return finished
    if spec.network is not None:
        train(spark, spec.network, dataset, folder / NETWORK, stall_seconds)
    if spec.framework == TORCH:
        require_torch()
    _require_slots(spark, spec.workers)
    folder.mkdir(parents=True, exist_ok=True)
    spec.write(folder / "spec.json")
    resume = newest(folder / "epochs")
    template = WorkerJob(str(folder), str(dataset), 0, 1, None if resume is None else str(resume), stall_seconds)

    program = family_of(spec.model).workers[spec.framework]
    try:
        if spec.framework == TORCH:
            run_torch(spark, template, spec.workers, program)
        else:
            _run(spark, template, spec.workers, program)
    except Exception as error:
        raise TryAgain(
            f"Training {spec.training_id} failed in a worker ({_reason(error)}): run this again to go on from its last "
            f"checkpoint in {folder}."
        ) from error
    return finished


def _run(spark: SparkSession, template: WorkerJob, workers: int, program: str) -> None:
    def work(_: Iterable[int]) -> Iterator[int]:
        yield run_worker(template, program)

    spark.sparkContext.parallelize(range(workers), workers).barrier().mapPartitions(work).collect()


def run_worker(template: WorkerJob, program: str) -> int:
    """In a barrier task: exchange addresses, and run this task's worker in its own process."""
    context = BarrierTaskContext.get()
    worker = context.partitionId()
    host = context.getTaskInfos()[worker].address.split(":")[0]
    addresses = context.allGather(f"{host}:{free_port()}")
    workers_here = sum(address.startswith(f"{host}:") for address in addresses)
    threads = cores_each(workers_here)
    spark_gpu = context.resources().get("gpu")
    visible_by_worker = context.allGather(" ".join(visible(spark_gpu.addresses if spark_gpu else ())))
    supervise(
        ["-m", program, template.of(worker, threads).as_text()],
        {
            **cluster_environment(worker, addresses),
            "OMP_NUM_THREADS": str(threads),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": assigned([each.split() for each in visible_by_worker])[worker],
        },
        template.stall_seconds,
    )
    return worker


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _require_slots(spark: SparkSession, workers: int) -> None:
    """Raise BadConfig for more workers than slots, for which Spark would wait minutes in vain."""
    context = spark.sparkContext._jsc
    assert context is not None
    scheduler = context.sc()
    profile = scheduler.resourceProfileManager().defaultResourceProfile()
    slots = int(scheduler.maxNumConcurrentTasks(profile))
    if slots < workers:
        raise BadConfig(
            f"training.workers is {workers}, but Spark at {scheduler.master()} runs {slots} tasks at once: "
            f"--set training.workers={max(slots, 1)}, or give Spark more cores."
        )


def _reason(error: Exception) -> str:
    """The worker's message without Spark's stack trace."""
    if isinstance(error, WorkerFailed):
        return str(error)
    for line in str(error).splitlines():
        if "WorkerFailed:" in line:
            return line.split("WorkerFailed:", 1)[1].strip()
    return str(error).splitlines()[0][:300]
