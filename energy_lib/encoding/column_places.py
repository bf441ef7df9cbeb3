"""Where columns stand in the tensors, looked up once for an encoding: a service asks for each forecast."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from energy_lib.encoding.tensors import Encoding

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
ENCODINGS_KEPT = 16


@lru_cache(ENCODINGS_KEPT)
def level_places(
    columns: tuple[str, ...], scaled_by_level: tuple[str, ...], level: str
) -> tuple[npt.NDArray[np.bool_], Places]:
    """Which columns are over the level [F], and the place of the level itself."""
    return np.isin(columns, scaled_by_level), np.array([i for i, name in enumerate(columns) if name == level], np.int64)


@lru_cache(ENCODINGS_KEPT)
def scaling(encoding: Encoding, codes: tuple[str, ...], clip: float) -> tuple[Floats, Floats, Floats]:
    """Center, scale and limit of each column [F]; `codes` have no limit."""
    limit = np.where(np.isin(encoding.columns, codes), np.inf, clip).astype(np.float32)
    return np.asarray(encoding.center, np.float32), np.asarray(encoding.scale, np.float32), limit


@lru_cache(2 * ENCODINGS_KEPT)
def channels_of(encoding: Encoding, names: tuple[str, ...]) -> Places:
    """Of these columns; raises InputMissing for one that is not there."""
    return np.array([encoding.channel(name) for name in names], np.int64)
