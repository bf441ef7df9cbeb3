"""The networks: what a meter-day's tensors say about the quantiles of each hour, in units of the meter's level.

Both mix what the hour is usually like (the candidates: last days, last weeks) into an anchor, with weights that they
learn, and predict the median's distance from it and the quantiles' distances from one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from energy_lib.columns import QUANTILES
from energy_lib.errors import BadConfig
from energy_lib.shards.encoding import CANDIDATES, LAG_DAYS, Encoding

MEDIAN = list(QUANTILES).index("p50")
# Softplus of it is the first guess of the distance between two quantiles, in levels.
FIRST_SPREAD = -2.0


@keras.saving.register_keras_serializable("energy_lib")
class MonotoneQuantiles(layers.Layer):  # type: ignore[misc]
    """[…, Q] numbers and an anchor […, 1] → quantiles that cannot cross: median plus cumulated positive steps."""

    def call(self, raw: Any, anchor: Any) -> Any:
        ops = keras.ops
        median = anchor + raw[..., MEDIAN : MEDIAN + 1]
        steps = ops.softplus(raw + FIRST_SPREAD)
        above = [steps[..., i : i + 1] for i in range(MEDIAN + 1, len(QUANTILES))]
        below = [steps[..., i : i + 1] for i in reversed(range(MEDIAN))]
        up, down = _running(median, above, 1), _running(median, below, -1)
        return ops.concatenate([*reversed(down), median, *up], axis=-1)


@keras.saving.register_keras_serializable("energy_lib")
class Mixture(layers.Layer):  # type: ignore[misc]
    """Logits and candidates […, C] → their mean under the logits' softmax […, 1]."""

    def call(self, logits: Any, candidates: Any) -> Any:
        return keras.ops.sum(keras.ops.softmax(logits, axis=-1) * candidates, axis=-1, keepdims=True)


def dense(encoding: Encoding, seed: int) -> keras.Model:
    """64–dropout .5–32–dropout .3 on each hour's features."""
    inputs = _inputs(encoding)
    hidden = layers.Dense(64, activation="relu")(inputs["features"])
    hidden = layers.Dropout(0.5, seed=seed)(hidden)
    hidden = layers.Dense(32, activation="relu")(hidden)
    hidden = layers.Dropout(0.3, seed=seed + 1)(hidden)
    return _model("dense", inputs, hidden)


def lstm(encoding: Encoding, seed: int) -> keras.Model:
    """50 units over the history's days, dropout .2; each hour's features join what it remembers."""
    inputs = _inputs(encoding)
    days = layers.Reshape((LAG_DAYS, encoding.history_hours // LAG_DAYS))(inputs["history"])
    memory = layers.Dropout(0.2, seed=seed)(layers.LSTM(50)(days))
    memory = layers.RepeatVector(encoding.horizon_hours)(memory)
    hidden = layers.Dense(64, activation="relu")(layers.Concatenate()([memory, inputs["features"]]))
    return _model("lstm", inputs, hidden)


NETWORKS: dict[str, Callable[[Encoding, int], keras.Model]] = {"dense": dense, "lstm": lstm}


def build(name: str, encoding: Encoding, seed: int) -> keras.Model:
    """The named network with weights that follow `seed`; raises BadConfig for an unknown name."""
    if name not in NETWORKS:
        raise BadConfig(f"training.model is '{name}': choose one of {', '.join(sorted(NETWORKS))}.")
    keras.utils.set_random_seed(seed)
    return NETWORKS[name](encoding, seed)


def input_shapes(encoding: Encoding) -> dict[str, tuple[int, ...]]:
    """Shape of each input without the batch's axis."""
    hours = encoding.horizon_hours
    return {
        "history": (encoding.history_hours,),
        "features": (hours, encoding.channels),
        "candidates": (hours, len(CANDIDATES)),
    }


def _inputs(encoding: Encoding) -> dict[str, Any]:
    return {name: keras.Input(shape, name=name) for name, shape in input_shapes(encoding).items()}


def _model(name: str, inputs: dict[str, Any], hidden: Any) -> keras.Model:
    """Quantiles [n, H, Q] of the level; starts as the plain mean of the candidates."""
    logits = layers.Dense(len(CANDIDATES), kernel_initializer="zeros")(hidden)
    anchor = Mixture()(logits, inputs["candidates"])
    raw = layers.Dense(len(QUANTILES), kernel_initializer="zeros")(hidden)
    return keras.Model(inputs, MonotoneQuantiles(name="quantiles")(raw, anchor), name=name)


def _running(start: Any, steps: list[Any], sign: int) -> list[Any]:
    values, at = [], start
    for step in steps:
        at = at + sign * step
        values.append(at)
    return values
