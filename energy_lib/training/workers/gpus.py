"""Which GPU each TensorFlow worker trains on: one of its own, or none for any of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

# A driver that does not answer in this time counts as having no GPU.
ANSWER_SECONDS = 20
LIST = ("nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader")


def visible(from_spark: Sequence[str] = ()) -> list[str]:
    """UUIDs of the GPUs that this process may take; none where NVIDIA's driver is missing.

    The GPUs that Spark gave to the task (`from_spark`: their numbers), else those in CUDA_VISIBLE_DEVICES (numbers or
    UUIDs), else all of the machine's.
    """
    uuids = _listed()
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if not uuids or (not from_spark and allowed is None):
        return list(uuids.values())
    names = [name.strip() for name in from_spark or (allowed or "").split(",")]
    return [uuids.get(name, name) for name in names if name in uuids or name.startswith(("GPU-", "MIG-"))]


def _listed() -> dict[str, str]:
    """UUID by number, as NVIDIA's driver has them."""
    if shutil.which(LIST[0]) is None:
        return {}
    try:
        listing = subprocess.run(
            LIST, capture_output=True, text=True, encoding="utf-8", check=False, timeout=ANSWER_SECONDS
        ).stdout
    except subprocess.TimeoutExpired:
        return {}
    return dict(line.split(", ") for line in listing.splitlines() if ", " in line)


def assigned(visible_by_worker: Sequence[Sequence[str]]) -> list[str]:
    """UUID of each worker's own GPU, of those it sees. "" for all workers if there are too few: all must sum alike."""
    taken: list[str] = []
    for gpus in visible_by_worker:
        free = next((gpu for gpu in gpus if gpu not in taken), None)
        if free is None:
            return [""] * len(visible_by_worker)
        taken.append(free)
    return taken
