"""Workers in a Spark barrier stage: all start together or none does; who they are, they tell one another."""

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
from energy_lib.training.workers.gpus import dealt, visible
from energy_lib.training.workers.job import WorkerJob, cluster_environment
from energy_lib.training.workers.process import cores_each
from energy_lib.training.workers.supervisor import WorkerFailed, supervise
from energy_lib.training.workers.torch_distributor import require_torch
from energy_lib.training.workers.torch_distributor import run_workers as run_torch


def train(spark: SparkSession, spec: TrainingSpec, dataset: Path, folder: Path) -> Path:
    """Train `spec` on the dataset, or go on from its newest checkpoint; returns the exported model's folder.

    A training that finished is not repeated. A failed stage leaves its checkpoints: TryAgain, and the rerun resumes.
    An ensemble's network is trained first, in a folder within.
    """
    finished = folder / FINISHED
    if finished.is_dir():
        return finished
    if spec.network is not None:
        train(spark, spec.network, dataset, folder / NETWORK)
    if spec.framework == TORCH:
        require_torch()
    _require_slots(spark, spec.workers)
    folder.mkdir(parents=True, exist_ok=True)
    spec.write(folder / "spec.json")
    resume = newest(folder / "epochs")
    template = WorkerJob(str(folder), str(dataset), 0, 1, None if resume is None else str(resume))

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
    """In a barrier task: find the others, and run this task's worker in a process of its own."""
    context = BarrierTaskContext.get()
    worker = context.partitionId()
    host = context.getTaskInfos()[worker].address.split(":")[0]
    addresses = context.allGather(f"{host}:{free_port()}")
    here = sum(address.startswith(f"{host}:") for address in addresses)
    threads = cores_each(here)
    handed = context.resources().get("gpu")
    seen = context.allGather(" ".join(visible(handed.addresses if handed else ())))
    supervise(
        ["-m", program, template.of(worker, threads).as_text()],
        {
            **cluster_environment(worker, addresses),
            "OMP_NUM_THREADS": str(threads),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": dealt([each.split() for each in seen])[worker],
        },
    )
    return worker


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _require_slots(spark: SparkSession, workers: int) -> None:
    """Spark would wait minutes for slots that will never come."""
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
    """The worker's own words out of Spark's many."""
    if isinstance(error, WorkerFailed):
        return str(error)
    for line in str(error).splitlines():
        if "WorkerFailed:" in line:
            return line.split("WorkerFailed:", 1)[1].strip()
    return str(error).splitlines()[0][:300]
