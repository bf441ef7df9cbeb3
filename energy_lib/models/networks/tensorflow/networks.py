"""The networks in Keras: a meter-day's tensors → quantiles of each hour, in units of the meter's level.

All mix the candidates (values of the last days and weeks) into an anchor, with weights that they learn. They predict
the median's distance from the anchor and the distances between quantiles (multi-quantile regression: Wen et al. 2017,
"A Multi-Horizon Quantile Recurrent Forecaster").
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import keras
import numpy as np
from keras import layers

from energy_lib.encoding.tensors import CANDIDATES, LAG_DAYS, Encoding
from energy_lib.models.networks.inputs import FIRST_SPREAD, categories_of, input_shapes, require_known
from energy_lib.vocabulary import MEDIAN, QUANTILES

# For layers that compute in float32 even if the hidden layers compute in bfloat16: its eight bits would round a level
# by half a percent, and cuDNN's LSTM has no bfloat16.
EXACT = "float32"


@keras.saving.register_keras_serializable("energy_lib")
class MonotoneQuantiles(layers.Layer):  # type: ignore[misc]
    """[…, Q] numbers and an anchor […, 1] → quantiles that cannot cross: median plus cumulated positive steps.

    No tensor here is used in more than two places. TensorFlow adds three or more gradients in the order in which their
    buffers become free, and equal trainings would differ in the last bit.
    """

    def call(self, raw: Any, anchor: Any) -> Any:
        ops = keras.ops
        median = anchor + raw[..., MEDIAN : MEDIAN + 1]
        steps = ops.split(ops.softplus(raw + FIRST_SPREAD), len(QUANTILES), axis=-1)
        below, above = accumulate(reversed(steps[:MEDIAN])), accumulate(steps[MEDIAN + 1 :])
        down = [-distance for distance in below]
        return median + ops.concatenate([*reversed(down), ops.zeros_like(anchor), *above], axis=-1)


@keras.saving.register_keras_serializable("energy_lib")
class Mixture(layers.Layer):  # type: ignore[misc]
    """Logits and candidates […, C] → their mean under the logits' softmax […, 1]."""

    def call(self, logits: Any, candidates: Any) -> Any:
        return keras.ops.sum(keras.ops.softmax(logits, axis=-1) * candidates, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable("energy_lib")
class Unscaled(layers.Layer):  # type: ignore[misc]
    """Scaled features […, F] → chosen channels as they were before scaling […, C]."""

    def __init__(self, channels: list[int], center: list[float], scale: list[float], **others: Any) -> None:
        super().__init__(**others)
        self.channels, self.center, self.scale = channels, center, scale

    @classmethod
    def of(cls, encoding: Encoding, columns: tuple[str, ...]) -> Unscaled:
        channels = [encoding.channel(name) for name in columns]
        center, scale = ([values[i] for i in channels] for values in (encoding.center, encoding.scale))
        return cls(channels, center, scale, dtype=EXACT)

    def call(self, features: Any) -> Any:
        selected = keras.ops.take(features, np.array(self.channels), axis=-1)
        return selected * np.array(self.scale, dtype=np.float32) + np.array(self.center, dtype=np.float32)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "channels": self.channels, "center": self.center, "scale": self.scale}


@keras.saving.register_keras_serializable("energy_lib")
class OneHot(layers.Layer):  # type: ignore[misc]
    """Whole numbers […, 1] as floats → one channel a value […, values]."""

    def __init__(self, values: int, **others: Any) -> None:
        super().__init__(**others)
        self.values = values

    def call(self, numbers: Any) -> Any:
        distance = keras.ops.abs(numbers - np.arange(self.values, dtype=np.float32))
        return keras.ops.cast(distance < 0.5, "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "values": self.values}


def dense(encoding: Encoding, seed: int) -> keras.Model:
    """64–dropout .5–32–dropout .3 on each hour's features."""
    inputs = _inputs("dense", encoding)
    hidden = layers.Dense(64, activation="relu")(_with_categories(inputs["features"], encoding))
    hidden = layers.Dropout(0.5, seed=seed)(hidden)
    hidden = layers.Dense(32, activation="relu")(hidden)
    hidden = layers.Dropout(0.3, seed=seed + 1)(hidden)
    return _model("dense", encoding, inputs, hidden)


def lstm(encoding: Encoding, seed: int) -> keras.Model:
    """50 LSTM units (Hochreiter and Schmidhuber 1997) over the history's days, dropout .2, and each hour's features."""
    inputs = _inputs("lstm", encoding)
    days = layers.Reshape((LAG_DAYS, encoding.history_hours // LAG_DAYS))(inputs["history"])
    memory = layers.Dropout(0.2, seed=seed)(layers.LSTM(50, dtype=EXACT)(days))
    memory = layers.RepeatVector(encoding.horizon_hours)(memory)
    hidden = layers.Dense(64, activation="relu")(
        layers.Concatenate()([memory, _with_categories(inputs["features"], encoding)])
    )
    return _model("lstm", encoding, inputs, hidden)


def tide(encoding: Encoding, seed: int) -> keras.Model:
    """A dense encoder and decoder (TiDE: Das et al. 2023, "Long-term Forecasting with TiDE", sections 4.1-4.2).

    The history and all hours' projected features become one code of the days ahead; each hour is read from its part of
    the code and its own features. No layer normalisation: it would use tensors in more than two places.
    """
    inputs = _inputs("tide", encoding)
    features = _with_categories(inputs["features"], encoding)
    projected = layers.Dense(16, activation="relu")(layers.Dense(64, activation="relu")(features))
    code = layers.Concatenate()([inputs["history"], layers.Flatten()(projected)])
    for layer in range(2):
        code = _residual(code, 128, seed + layer)
    decoded = layers.Reshape((encoding.horizon_hours, 16))(layers.Dense(16 * encoding.horizon_hours)(code))
    hidden = layers.Dense(64, activation="relu")(layers.Concatenate()([decoded, features]))
    hidden = layers.Dropout(0.2, seed=seed + 2)(hidden)
    return _model("tide", encoding, inputs, hidden)


def _residual(values: Any, units: int, seed: int) -> Any:
    """A dense layer with dropout beside a linear one."""
    hidden = layers.Dense(units)(layers.Dense(units, activation="relu")(values))
    return layers.Add()([layers.Dropout(0.2, seed=seed)(hidden), layers.Dense(units)(values)])


NETWORKS: dict[str, Callable[[Encoding, int], keras.Model]] = {"dense": dense, "lstm": lstm, "tide": tide}


def build(name: str, encoding: Encoding, seed: int, mixed: bool = False) -> keras.Model:
    """The named network with weights that follow `seed`; raises BadConfig for an unknown name.

    mixed: hidden layers compute in bfloat16; weights stay in float32.
    """
    require_known(name, NETWORKS)
    keras.utils.set_random_seed(seed)
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed else usual)
    try:
        return NETWORKS[name](encoding, seed)
    finally:
        keras.config.set_dtype_policy(usual)


def _inputs(name: str, encoding: Encoding) -> dict[str, Any]:
    return {tensor: keras.Input(shape, name=tensor) for tensor, shape in input_shapes(name, encoding).items()}


def _with_categories(features: Any, encoding: Encoding) -> Any:
    categories = categories_of(encoding).items()
    channels = [OneHot(values, dtype=EXACT)(Unscaled.of(encoding, (name,))(features)) for name, values in categories]
    return layers.Concatenate()([features, *channels])


def _model(name: str, encoding: Encoding, inputs: dict[str, Any], hidden: Any) -> keras.Model:
    """Quantiles [n, H, Q] over the level; starts as the plain mean of the candidates."""
    logits = layers.Dense(len(CANDIDATES), kernel_initializer="zeros", dtype=EXACT)(hidden)
    anchor = Mixture(dtype=EXACT)(logits, Unscaled.of(encoding, CANDIDATES)(inputs["features"]))
    raw = layers.Dense(len(QUANTILES), kernel_initializer="zeros", dtype=EXACT)(hidden)
    return keras.Model(inputs, MonotoneQuantiles(name="quantiles", dtype=EXACT)(raw, anchor), name=name)
