"""The family of gradient-boosted trees, grown by LightGBM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.models.families.family import Answer, Family, Search, Trial

if TYPE_CHECKING:
    from energy_lib.encoding.tensors import Encoding

SECTION = "boosting"


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters in `folder`; LightGBM is imported only here."""
    from energy_lib.models.families.boosting.prediction import load_answer

    return load_answer(folder, encoding)


def suggested(trial: Trial) -> dict[str, Any]:
    """A trial's values of keys of section `training.boosting`."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.15, log=True),
        "leaves": trial.suggest_int("leaves", 15, 255, log=True),
        "min_rows": trial.suggest_int("min_rows", 20, 500, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 1.0),
        "row_fraction": trial.suggest_float("row_fraction", 0.4, 1.0),
        "l2": trial.suggest_float("l2", 0.01, 100.0, log=True),
    }


# The ensemble's too: its study tunes its trees.
TREE_SEARCH = Search(suggested, SECTION, "energy_lib.training.families.boosting.objective", warm_up_steps=60)

BOOSTING = Family(
    name="boosting",
    models=("lightgbm",),
    load_answer=load_answer,
    requirements=("lightgbm", "numpy", "pandas"),
    workers={"lightgbm": "energy_lib.training.families.boosting.worker"},
    search=TREE_SEARCH,
    one_process=True,
    sections={SECTION: BoostingConfig},
)
