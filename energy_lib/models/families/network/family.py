"""The family of networks, trained by TensorFlow or PyTorch. Their settings stand in the training section itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_lib.models.families.family import Answer, Family, Search, Trial
from energy_lib.models.networks.inputs import INPUTS

if TYPE_CHECKING:
    from energy_lib.encoding.tensors import Encoding

BATCHES = (32, 64, 128, 256)


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The network in `folder`; onnxruntime is imported only here."""
    from energy_lib.models.families.network.prediction import load_answer

    return load_answer(folder, encoding)


def suggested(trial: Trial) -> dict[str, Any]:
    """A trial's values of keys of section `training`."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", BATCHES),
        "schedule": trial.suggest_categorical("schedule", ("constant", "cosine")),
    }


NETWORK = Family(
    name="network",
    models=tuple(INPUTS),
    load_answer=load_answer,
    requirements=("numpy", "onnxruntime", "pandas"),
    workers={
        "tensorflow": "energy_lib.training.workers.tensorflow_worker",
        "torch": "energy_lib.training.workers.torch_worker",
    },
    search=Search(suggested, None, "energy_lib.training.families.network.objective", warm_up_steps=2),
)
