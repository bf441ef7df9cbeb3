"""Which GPU each TensorFlow worker trains on: one of its own, or none for any of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

LIST = ("nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader")


def visible(handed: Sequence[str] = ()) -> list[str]:
    """UUIDs of the GPUs that this process may take; none where NVIDIA's driver is missing.

    Those that Spark handed to its task (`handed`: their numbers), else those that CUDA_VISIBLE_DEVICES leaves (numbers
    or UUIDs), else all of the machine's.
    """
    if shutil.which(LIST[0]) is None:
        return []
    listed = subprocess.run(LIST, capture_output=True, text=True, check=False).stdout
    uuids = dict(line.split(", ") for line in listed.splitlines() if ", " in line)
    left = os.environ.get("CUDA_VISIBLE_DEVICES")
    if not handed and left is None:
        return list(uuids.values())
    chosen = handed or (left or "").split(",")
    return [uuids.get(name.strip(), name.strip()) for name in chosen if name.strip() in {*uuids, *uuids.values()}]


def dealt(seen: Sequence[Sequence[str]]) -> list[str]:
    """To each worker a GPU of its own, of those it sees; "" to all where there are too few, since all sum together."""
    taken: list[str] = []
    for each in seen:
        free = next((gpu for gpu in each if gpu not in taken), None)
        if free is None:
            return [""] * len(seen)
        taken.append(free)
    return taken
