"""Boosted trees: the hours they learn from, and how a booster is grown.

Each commodity and quantile has a booster, stopped early by its own pinball loss on the validation part if the settings
have patience. The same seed and threads give the same trees. Quantile regression: Koenker and Bassett 1978.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import anchor_of
from energy_lib.models.calibration import commodity_of
from energy_lib.models.families.boosting.prediction import booster_file, rows_of
from energy_lib.models.families.boosting.settings import BoostingConfig
from energy_lib.shards.manifest import PARTS, Manifest
from energy_lib.shards.reader import read_part
from energy_lib.training.workers.process import alive, report_progress, working
from energy_lib.vocabulary import COMMODITIES, QUANTILES, Commodity

SHOWN_EVERY = 100
POINT = "p50"
# Features [N, F], the target's distance from its anchor and the weight of each hour [N].
Hours = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def hours_of(part: Path, manifest: Manifest) -> dict[Commodity, Hours]:
    """The hours with weight > 0 of each commodity that has any."""
    encoding = manifest.encoding
    read = read_part(part, {name: manifest.columns[name] for name in ("features", "target", "weight")}).tensors
    features = read["features"].reshape(-1, encoding.horizon_hours, encoding.channels)
    weight, distance = read["weight"], read["target"] - anchor_of(features, encoding)
    commodities = np.repeat(commodity_of(features, encoding), encoding.horizon_hours)
    by_commodity: dict[Commodity, Hours] = {}
    for code, commodity in enumerate(COMMODITIES):
        selected = (commodities == code) & (weight.ravel() > 0)
        if selected.any():
            by_commodity[commodity] = rows_of(features)[selected], distance.ravel()[selected], weight.ravel()[selected]
    return by_commodity


@dataclass(frozen=True, slots=True)
class Grower:
    """Grows boosters by the settings, with so many threads."""

    settings: BoostingConfig
    seed: int
    threads: int

    def datasets(self, folder: Path, manifest: Manifest) -> dict[Commodity, dict[str, lgb.Dataset]]:
        """The parts as LightGBM's binned rows, of each commodity that has hours in both parts."""
        with working("reading the hours"):
            read = {part: hours_of(folder / part, manifest) for part in PARTS}
        in_all = [
            commodity for commodity in COMMODITIES if all(commodity in by_commodity for by_commodity in read.values())
        ]
        return {commodity: self._binned({part: read[part].pop(commodity) for part in PARTS}) for commodity in in_all}

    def _binned(self, parts: dict[str, Hours]) -> dict[str, lgb.Dataset]:
        datasets: dict[str, lgb.Dataset] = {}
        binned = {"max_bin": self.settings.bins, "verbosity": -1, "feature_pre_filter": False}
        for part, hours in parts.items():
            rows, distance, weight = self.sampled(hours)
            reference = datasets.get(PARTS[0])
            with working(f"binning the hours of {part}"):
                datasets[part] = lgb.Dataset(
                    rows, distance, reference=reference, weight=weight, params=binned
                ).construct()
        return datasets

    def sampled(self, hours: Hours) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any] | None]:
        """All hours with their weights; or, of more than most_hours, a sample drawn by weight, without weights.

        Trees grow more than twice as fast without weights.
        """
        rows, distance, weight = hours
        if len(rows) <= self.settings.most_hours:
            return hours
        chance = weight.astype(np.float64) / weight.sum(dtype=np.float64)
        generator = np.random.default_rng(self.seed)
        sample = np.sort(generator.choice(len(rows), self.settings.most_hours, replace=False, p=chance))
        return rows[sample], distance[sample], None

    def write_booster(self, commodity: Commodity, quantile: str, parts: dict[str, lgb.Dataset], folder: Path) -> None:
        """Train one booster and write it as a file, whole or not at all; the median's curves beside it."""
        begun, point = time.monotonic(), quantile == POINT
        rounds = self.settings.rounds if point else self.settings.tail_rounds
        curves: dict[str, dict[str, list[float]]] = {}
        watched = PARTS if point else PARTS[1:]
        booster = lgb.train(
            self._parameters(quantile),
            parts[PARTS[0]],
            num_boost_round=rounds,
            valid_sets=[parts[name] for name in watched],
            valid_names=list(watched),
            callbacks=[*self._stopping(), lgb.record_evaluation(curves), _shown(f"{commodity} {quantile}", rounds)],
        )
        trees = rounds if self.settings.patience is None else booster.best_iteration
        if point:
            losses = {name: curves[name]["quantile"] for name in PARTS}
            (folder / f"{commodity}.json").write_text(json.dumps(losses), encoding="utf-8")
        beside = folder / f"{commodity}-{quantile}.writing"
        booster.save_model(str(beside), num_iteration=trees)
        beside.rename(folder / booster_file(commodity, quantile))
        loss, seconds = curves[PARTS[1]]["quantile"][trees - 1], time.monotonic() - begun
        report_progress(0, f"{commodity} {quantile}: {trees} trees, validation {loss:.5f}, {seconds:.1f} s")

    def _stopping(self) -> list[Any]:
        patience = self.settings.patience
        return [] if patience is None else [lgb.early_stopping(patience, verbose=False)]

    def validation_loss(
        self, commodities: dict[Commodity, dict[str, lgb.Dataset]], report: Callable[[int, float], None]
    ) -> float:
        """The medians' best pinball loss in validation, as the geometric mean of commodities: all count alike.

        `report` gets each round's number and loss, and may end the trial by raising.
        """
        boosters = [lgb.Booster(self._parameters(POINT), parts[PARTS[0]]) for parts in commodities.values()]
        for booster, parts in zip(boosters, commodities.values(), strict=True):
            booster.add_valid(parts[PARTS[1]], PARTS[1])
        losses: list[float] = []
        for grown in range(self.settings.rounds):
            for booster in boosters:
                booster.update()
                alive(f"round {grown + 1} of {self.settings.rounds}")
            losses.append(float(np.exp(np.mean([np.log(booster.eval_valid()[0][2]) for booster in boosters]))))
            report(grown + 1, losses[-1])
            if self.settings.patience is not None and grown - int(np.argmin(losses)) >= self.settings.patience:
                break
        return min(losses)

    def _parameters(self, quantile: str) -> dict[str, Any]:
        settings = self.settings
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
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_col_wise": True,  # faster where feature_fraction < 1: a tree reads its own columns only
            "max_bin": settings.bins,
            "verbosity": -1,
        }


def _shown(name: str, rounds: int) -> Any:
    def show(env: Any) -> None:
        done = env.iteration + 1
        alive(f"{name}, round {done} of {rounds}")
        if done % SHOWN_EVERY == 0:
            loss = next(value for part, _, value, *_ in env.evaluation_result_list if part == PARTS[1])
            report_progress(0, f"{name}: round {done}/{rounds}, validation {loss:.5f}")

    return show
