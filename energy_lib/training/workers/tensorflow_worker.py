"""One TensorFlow worker's process: `python -m energy_lib.training.workers.tensorflow_worker JOB.json`.

TF_CONFIG names the other workers. It is a process of its own, because TensorFlow's collectives can be set up only once
in a process, and its memory is freed when the process ends. The chief (worker 0) writes checkpoints and exports the
model.
"""

from __future__ import annotations

import os
import sys

from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.process import die_with_parent, report_progress, working


def main(text: str) -> int:
    die_with_parent()
    job = WorkerJob.from_text(text)
    strategy, mixed = _strategy(job)
    from energy_lib.training.export.tensorflow_onnx import export_network
    from energy_lib.training.networks.epochs import Shard, train_all
    from energy_lib.training.networks.tensorflow_loop import TensorFlowTrainer
    from energy_lib.training.workers.opening import opened

    folder, dataset, spec, manifest = opened(job)
    shard = Shard(dataset, manifest, job.worker, spec.workers)
    state = train_all(TensorFlowTrainer(spec, shard, strategy, mixed), job)
    if job.worker == 0:
        with working("the export of the model"):
            export_network(folder, spec, dataset, manifest, state)
    return 0


def _strategy(job: WorkerJob):  # type: ignore[no-untyped-def]  # TensorFlow is imported here only
    """TensorFlow set up for this worker (its share of the cores, its GPU if it was given one, the same sums in the same
    order every time), and whether it is to compute in bfloat16."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # so that sums keep one order
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(max(2, job.threads))
    tf.config.experimental.enable_op_determinism()
    gpu = bool(tf.config.list_physical_devices("GPU"))
    if os.environ.get("CUDA_VISIBLE_DEVICES") and not gpu:
        report_progress(
            job.worker,
            "TensorFlow lacks CUDA's libraries for the GPU here, the CPU trains: pip install tensorflow[and-cuda]",
        )
    by = tf.distribute.experimental.CommunicationImplementation
    options = tf.distribute.experimental.CommunicationOptions(implementation=by.NCCL if gpu else by.AUTO)
    return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options), gpu


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
