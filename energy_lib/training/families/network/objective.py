"""A study's trials of a network: each is trained in this process and validated after every epoch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import optuna

from energy_lib.models.families import family_of
from energy_lib.shards.manifest import Manifest
from energy_lib.training.networks.epochs import Shard, Trainer
from energy_lib.training.spec import TORCH, TrainingSpec
from energy_lib.training.tuning.trials import Objective, TuneJob, report_or_prune


def objective(job: TuneJob, spec: TrainingSpec, manifest: Manifest) -> Objective:
    """A trial's best validation loss, one step per epoch."""
    search = family_of(spec.model).search

    def validation_loss(trial: optuna.trial.Trial) -> float:
        candidate = replace(spec, workers=1, **search.suggested(trial))
        network = trainer(candidate, Path(job.dataset), manifest, job.threads)
        state = network.first_state()
        for log in network.epochs(state):
            report_or_prune(trial, log.val_loss, log.epoch)
        return state.best_loss

    return validation_loss


def trainer(spec: TrainingSpec, dataset: Path, manifest: Manifest, threads: int) -> Trainer:
    """The one worker of `spec`, in whichever framework it names."""
    shard = Shard(dataset, manifest, 0, 1)
    return _torch(spec, shard, threads) if spec.framework == TORCH else _tensorflow(spec, shard, threads)


def _tensorflow(spec: TrainingSpec, shard: Shard, threads: int) -> Trainer:
    import tensorflow as tf

    from energy_lib.training.networks.tensorflow_loop import TensorFlowTrainer

    tf.keras.backend.clear_session()
    gpus = tf.config.list_physical_devices("GPU")
    if tf.config.threading.get_intra_op_parallelism_threads() == 0:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)  # a study's workers may share one
    return TensorFlowTrainer(spec, shard, tf.distribute.get_strategy(), mixed=bool(gpus))


def _torch(spec: TrainingSpec, shard: Shard, threads: int) -> Trainer:
    import torch
    import torch.distributed as dist

    from energy_lib.training.networks.torch_loop import TorchTrainer

    torch.set_num_threads(threads)
    if not dist.is_initialized():
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    return TorchTrainer(spec, shard, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
