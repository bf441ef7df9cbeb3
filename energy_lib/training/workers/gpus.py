"""Which GPU each TensorFlow worker trains on: one of its own, or none for any of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

# A driver that does not answer has no GPU to give.
ANSWER_SECONDS = 20
LIST = ("nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader")


def visible(handed: Sequence[str] = ()) -> list[str]:
    """UUIDs of the GPUs that this process may take; none where NVIDIA's driver is missing.

    Those that Spark handed to its task (`handed`: their numbers), else those that CUDA_VISIBLE_DEVICES leaves (numbers
    or UUIDs), else all of the machine's.
    """
    uuids = _listed()
    left = os.environ.get("CUDA_VISIBLE_DEVICES")
    if not uuids or (not handed and left is None):
        return list(uuids.values())
    names = [name.strip() for name in handed or (left or "").split(",")]
    return [uuids.get(name, name) for name in names if name in uuids or name.startswith(("GPU-", "MIG-"))]


def _listed() -> dict[str, str]:
    """UUID by number, as NVIDIA's driver has them."""
    if shutil.which(LIST[0]) is None:
        return {}
    try:
        told = subprocess.run(LIST, capture_output=True, text=True, check=False, timeout=ANSWER_SECONDS).stdout
    except subprocess.TimeoutExpired:
        return {}
    return dict(line.split(", ") for line in told.splitlines() if ", " in line)


def dealt(seen: Sequence[Sequence[str]]) -> list[str]:
    """To each worker a GPU of its own, of those it sees; "" to all where there are too few, since all sum together."""
    taken: list[str] = []
    for each in seen:
        free = next((gpu for gpu in each if gpu not in taken), None)
        if free is None:
            return [""] * len(seen)
        taken.append(free)
    return taken
