"""Tensors of features that come as an array, as programs post them: what `encode` makes of the same rows of a frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import LEVEL, Encoding, Floats, Tensors, scale_by_level, tensors_of


def encode_array(features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_] | None = None) -> Tensors:
    """Features [n, H, F] in the order of `encoding.columns`, in their own units, NaN where unknown; meters [n]: names.

    Raises InputMissing for an encoding without the level.
    """
    raw = np.array(features, dtype=np.float32)
    level = scale_by_level(raw, raw[..., encoding.channel(LEVEL)], encoding.columns, encoding.scaled_by_level)
    return tensors_of(raw, level[:, -1], np.array([""] * len(raw)) if meters is None else meters, encoding)
