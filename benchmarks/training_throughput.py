"""Training speed of networks by framework and number of workers, and the share of time that waits for input.

    python -m benchmarks.training_throughput --dataset LAKE/shards/DATASET_ID [--models dense,tide]

Each worker is a process with one thread, fed by Petastorm from its part of the shards, as in a barrier stage. Two
workers are slower than twice one, because they wait for each other (gradients are summed every step) and for memory.
The figures are those of the last epoch: the first ones fill caches.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import machine
from energy_lib.shards.manifest import Manifest
from energy_lib.training.checkpoint import EpochLog, load, newest
from energy_lib.training.spec import TORCH, TrainingSpec
from energy_lib.training.workers.barrier import free_port
from energy_lib.training.workers.job import WorkerJob, cluster_environment

EPOCHS = 3
WORKERS = (1, 2)
BATCH = 256


def trained(folder: Path, dataset: Path, spec: TrainingSpec) -> EpochLog:
    """The log of the last epoch of a training by `spec.workers` processes. Exits with their codes if one fails."""
    folder.mkdir()
    spec.write(folder / "spec.json")
    ports = [free_port() for _ in range(spec.workers)]
    hosts = [f"127.0.0.1:{port}" for port in ports]
    processes = []
    for worker in range(spec.workers):
        torchrun = {"RANK": str(worker), "WORLD_SIZE": str(spec.workers), "MASTER_PORT": str(ports[0])}
        environment = {
            **cluster_environment(worker, hosts),
            "MASTER_ADDR": "127.0.0.1",
            **torchrun,
            "OMP_NUM_THREADS": "1",
        }
        job = WorkerJob(str(folder), str(dataset), worker, 1, None)
        command = [sys.executable, "-m", f"energy_lib.training.workers.{spec.framework}_worker", job.as_text()]
        processes.append(subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL))
    codes = [process.wait() for process in processes]
    checkpoint = newest(folder / "epochs")
    if any(codes) or checkpoint is None:
        raise SystemExit(f"{spec.framework} {spec.model} with {spec.workers} workers ended with {codes}.")
    return load(checkpoint).history[-1]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dataset", required=True, type=Path, help="a folder that write_shards wrote")
    arguments.add_argument("--models", default="dense,tide")
    options = arguments.parse_args()
    manifest = Manifest.read(options.dataset)
    print(machine())
    print(f"{manifest.rows('train'):,} meter-days to train on, batches of {BATCH}")
    print("| framework | model | workers | rows/s | waits for input | of twice one worker |")
    print("| --- " * 6 + "|", flush=True)
    frameworks = ["tensorflow", *([TORCH] if find_spec("torch") else [])]
    with tempfile.TemporaryDirectory() as scratch:
        for model in options.models.split(","):
            for framework in frameworks:
                alone = 0.0
                for workers in WORKERS:
                    spec = TrainingSpec(
                        manifest.dataset_id, model, workers, EPOCHS, BATCH, 1e-3, EPOCHS, 7, framework=framework
                    )
                    log = trained(Path(scratch) / f"{model}-{framework}-{workers}", options.dataset, spec)
                    alone = alone or log.rows_per_second
                    share = log.rows_per_second / (workers * alone)
                    print(
                        f"| {framework} | {model} | {workers} | {log.rows_per_second:,.0f} | {log.input_share:.1%} "
                        f"| {share:.0%} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
