"""Values of one register that a file has apart (tariffs, phases), summed: by columns, or by rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.numbers import read_numbers
from energy_lib.landing.sources.yaml_sections import Value


@dataclass(frozen=True, slots=True)
class Sums:
    """`values` are NaN where there is no sum, `texts` what was summed; `rule` and `reason` say why there is none."""

    values: npt.NDArray[np.float64]
    texts: npt.NDArray[np.object_]
    rule: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]


def summed(parts: Sequence[pa.Array], names: Sequence[str], value: Value) -> Sums:
    """The sum of the parts, position by position; a part that is null or empty is missing.

    Of energies a missing part counts nothing, unless all are missing. Of register reads all parts must be there: a sum
    without one of them would fall by the whole register. A part that is no number makes its sum none.
    """
    read = [read_numbers(part, value.decimal, value.thousands, value.missing) for part in parts]
    numbers = np.array([one.values for one in read])
    missing = np.array([one.missing for one in read])
    bad = np.isnan(numbers) & ~missing
    sums = np.where(missing, 0.0, numbers).sum(axis=0)
    sums[missing.all(axis=0)] = np.nan
    rule = np.full(len(sums), None, dtype=object)
    reason = np.full(len(sums), None, dtype=object)
    if value.register_reads:
        for at in np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)):
            rule[at] = file_faults.MISSING_VALUE
            reason[at] = (
                f"there is no value in {_first(names, missing[:, at])}, and a register's sum needs all its parts"
            )
    for at in np.flatnonzero(bad.any(axis=0)):
        column = int(np.argmax(bad[:, at]))
        rule[at] = file_faults.UNPARSEABLE_VALUE
        reason[at] = f"{parts[column][int(at)].as_py()!r} in {names[column]} is not a number"
    sums[[one is not None for one in rule]] = np.nan
    return Sums(sums, _joined(parts), rule, reason)


def _first(names: Sequence[str], mask: npt.NDArray[np.bool_]) -> str:
    return names[int(np.argmax(mask))]


def _joined(parts: Sequence[pa.Array]) -> npt.NDArray[np.object_]:
    """What bronze keeps of each sum: `1000.1 + 2000`."""
    texts = [part.cast(pa.string()).to_pylist() for part in parts]
    joined = [" + ".join(text.strip() for text in row if text) or None for row in zip(*texts, strict=True)]
    return np.array(joined, dtype=object)
