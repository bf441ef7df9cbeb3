"""The ensemble: boosted trees, a network and a linear day, which together make one model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from energy_lib.models.families.boosting.family import BOOSTING, TREE_SEARCH
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.families.family import Answer, Family

if TYPE_CHECKING:
    from energy_lib.encoding.tensors import Encoding


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The members in `folder`, mixed; LightGBM and onnxruntime are imported only here."""
    from energy_lib.models.families.ensemble.prediction import load_answer

    return load_answer(folder, encoding)


LINEAR_SECTION = "linear"

ENSEMBLE = Family(
    name="ensemble",
    models=("ensemble",),
    load_answer=load_answer,
    requirements=("lightgbm", "numpy", "onnxruntime", "pandas"),
    workers={"lightgbm": "energy_lib.training.families.ensemble.worker"},
    search=TREE_SEARCH,
    one_process=True,
    with_network=True,
    sections={**BOOSTING.sections, LINEAR_SECTION: LinearConfig},
)
