"""One worker's process: `python -m energy_lib.training.worker JOB.json`, with TF_CONFIG set by who starts it.

A process of its own, because TensorFlow's collectives can be set up once a process and its memory should go when
training ends. The chief (worker 0) writes checkpoints and exports the model.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from energy_lib.training.worker_job import WorkerJob

PR_SET_PDEATHSIG = 1


def main(text: str) -> int:
    die_with_parent()
    job = WorkerJob.from_text(text)
    strategy = _strategy(job)
    from energy_lib.shards.manifest import Manifest
    from energy_lib.training.checkpoint import load, save
    from energy_lib.training.export_network import export_network
    from energy_lib.training.loop import Shard, Trainer
    from energy_lib.training.spec import TrainingSpec

    folder = Path(job.folder)
    spec = TrainingSpec.read(folder / "spec.json")
    shard = Shard(Path(job.dataset), Manifest.read(Path(job.dataset)), job.worker, spec.workers)
    trainer = Trainer(spec, shard, strategy)
    state = trainer.state(-1)
    if job.resume is not None:
        state = load(Path(job.resume))
        trainer.restore(state)
    while state.epoch + 1 < spec.epochs and state.waited() < spec.patience:
        state = trainer.epoch(state)
        if job.worker == 0:
            save(folder / "epochs", state)
        say(job.worker, state.history[-1].line(spec.epochs, state.best_epoch))
    if job.worker == 0:
        export_network(folder, spec, shard.folder, shard.manifest, state)
    return 0


def die_with_parent() -> None:
    """A worker must not outlive a killed run: its checkpoints would race with the rerun's."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


def say(worker: int, line: str) -> None:
    """A sign of life from each worker; the chief's, which speaks for all, is what the supervisor passes on."""
    print(f"training: {line}" if worker == 0 else f"worker {worker}: {line}", flush=True)


def _strategy(job: WorkerJob):  # type: ignore[no-untyped-def]  # TensorFlow is imported here only
    """TensorFlow set up for this worker: its share of the cores, the same sums in the same order every time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # so that sums keep one order
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(max(2, job.threads))
    tf.config.experimental.enable_op_determinism()
    return tf.distribute.MultiWorkerMirroredStrategy()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
