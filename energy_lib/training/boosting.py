"""Boosted trees in one process: `python -m energy_lib.training.boosting JOB.json`, read through Petastorm like all.

A booster a quantile, each stopped by its own pinball loss on the validation part. A finished booster is a file, so a
training that was killed goes on with the next; the same seed and threads give the same trees.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from energy_lib.columns import QUANTILES
from energy_lib.config import BoostingConfig, LinearConfig
from energy_lib.models.boosting import booster_file, rows_of
from energy_lib.shards.encoding import anchor_of
from energy_lib.shards.manifest import PARTS, Manifest
from energy_lib.shards.reader import read_part
from energy_lib.training.ensemble import join
from energy_lib.training.export import publish, write_description
from energy_lib.training.process import die_with_parent, say
from energy_lib.training.spec import FINISHED, NETWORK, TrainingSpec
from energy_lib.training.worker_job import WorkerJob

SHOWN_EVERY = 100
POINT = "p50"


def main(text: str) -> int:
    die_with_parent()
    job = WorkerJob.from_text(text)
    folder, dataset = Path(job.folder), Path(job.dataset)
    spec, manifest = TrainingSpec.read(folder / "spec.json"), Manifest.read(dataset)
    settings = BoostingConfig.model_validate(spec.boosting)
    boosters = folder / "boosters"
    boosters.mkdir(exist_ok=True)
    parts: dict[str, lgb.Dataset] = {}
    for name in QUANTILES:
        if not (boosters / booster_file(name)).is_file():
            parts = parts or datasets(dataset, manifest, settings, spec.seed)
            _fit(name, parts, settings, spec.seed, job.threads, boosters)
    _export(folder, spec, dataset, manifest, boosters)
    return 0


def datasets(folder: Path, manifest: Manifest, settings: BoostingConfig, seed: int) -> dict[str, lgb.Dataset]:
    """The parts as LightGBM's binned rows; hours that are not to be learnt from are left out."""
    made: dict[str, lgb.Dataset] = {}
    for part in PARTS:
        rows, distance, weight = _rows(folder / part, manifest)
        if len(rows) > settings.most_hours:
            drawn = np.sort(np.random.default_rng(seed).choice(len(rows), settings.most_hours, replace=False))
            rows, distance, weight = rows[drawn], distance[drawn], weight[drawn]
        reference = made.get(PARTS[0])
        binned = {"max_bin": settings.bins, "verbosity": -1, "feature_pre_filter": False}
        made[part] = lgb.Dataset(rows, distance, reference=reference, weight=weight, params=binned).construct()
    return made


def _rows(part: Path, manifest: Manifest) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Features [N, F], the target's distance from its anchor and the weight of each hour [N]."""
    encoding = manifest.encoding
    read = read_part(part, {name: manifest.columns[name] for name in ("features", "target", "weight")}).tensors
    features = read["features"].reshape(-1, encoding.horizon_hours, encoding.channels)
    known = read["weight"].ravel() > 0
    distance = (read["target"] - anchor_of(features, encoding)).ravel()
    return rows_of(features)[known], distance[known], read["weight"].ravel()[known]


def _fit(
    quantile: str, parts: dict[str, lgb.Dataset], settings: BoostingConfig, seed: int, threads: int, folder: Path
) -> None:
    """Train one booster and leave it as a file, whole or not at all; the median's curves beside it."""
    begun, rounds = time.monotonic(), settings.rounds if quantile == POINT else settings.tail_rounds
    curves: dict[str, dict[str, list[float]]] = {}
    watched = [parts[name] for name in (PARTS if quantile == POINT else PARTS[1:])]
    names = list(PARTS if quantile == POINT else PARTS[1:])
    booster = lgb.train(
        _parameters(quantile, settings, seed, threads),
        parts[PARTS[0]],
        num_boost_round=rounds,
        valid_sets=watched,
        valid_names=names,
        callbacks=[
            lgb.early_stopping(settings.patience, verbose=False),
            lgb.record_evaluation(curves),
            _shown(quantile, rounds),
        ],
    )
    if quantile == POINT:
        losses = {name: curves[name]["quantile"] for name in PARTS}
        (folder / "curves.json").write_text(json.dumps(losses))
    beside = folder / f"{quantile}.writing"
    booster.save_model(str(beside), num_iteration=booster.best_iteration)
    beside.rename(folder / booster_file(quantile))
    best = curves[PARTS[1]]["quantile"][booster.best_iteration - 1]
    seconds = time.monotonic() - begun
    say(0, f"{quantile}: {booster.best_iteration} trees, validation {best:.5f}, {seconds:.1f} s")


def validation_loss(
    parts: dict[str, lgb.Dataset],
    settings: BoostingConfig,
    seed: int,
    threads: int,
    report: Callable[[int, float], None],
) -> float:
    """The median's best pinball loss on the validation part; `report` hears each round's and may end it by raising."""

    def told(env: Any) -> None:
        report(env.iteration + 1, next(value for _, _, value, *_ in env.evaluation_result_list))

    booster = lgb.train(
        _parameters(POINT, settings, seed, threads),
        parts[PARTS[0]],
        num_boost_round=settings.rounds,
        valid_sets=[parts[PARTS[1]]],
        valid_names=[PARTS[1]],
        callbacks=[lgb.early_stopping(settings.patience, verbose=False), told],
    )
    return float(booster.best_score[PARTS[1]]["quantile"])


def _parameters(quantile: str, settings: BoostingConfig, seed: int, threads: int) -> dict[str, Any]:
    return {
        "objective": "quantile",
        "alpha": QUANTILES[quantile],
        "metric": "quantile",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.min_rows,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.row_fraction,
        "bagging_freq": 5,
        "lambda_l2": settings.l2,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_col_wise": True,  # trees that see a part of the features read that part alone
        "max_bin": settings.bins,
        "verbosity": -1,
    }


def _shown(quantile: str, rounds: int) -> Any:
    def show(env: Any) -> None:
        done = env.iteration + 1
        if done % SHOWN_EVERY == 0:
            loss = next(value for name, _, value, *_ in env.evaluation_result_list if name == PARTS[1])
            say(0, f"{quantile}: round {done}/{rounds}, validation {loss:.5f}")

    return show


def _export(folder: Path, spec: TrainingSpec, dataset: Path, manifest: Manifest, boosters: Path) -> None:
    curves = json.loads((boosters / "curves.json").read_text())
    history = [
        {"epoch": i, "loss": loss, "val_loss": val_loss}
        for i, (loss, val_loss) in enumerate(zip(curves[PARTS[0]], curves[PARTS[1]], strict=True))
        if i % 10 == 9 or i == len(curves[PARTS[0]]) - 1
    ]
    best = int(np.argmin(curves[PARTS[1]]))
    with publish(folder) as working:
        for name in QUANTILES:
            (working / booster_file(name)).write_bytes((boosters / booster_file(name)).read_bytes())
        told: dict[str, Any] = {"best_epoch": best, "best_val_loss": curves[PARTS[1]][best]}
        if spec.linear is not None:
            linear = LinearConfig.model_validate(spec.linear)
            told["shares"] = join(working, folder / NETWORK / FINISHED, linear, dataset, manifest)
        family = "boosting" if spec.linear is None else "ensemble"
        write_description(working, spec, dataset, manifest, family, history, told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
