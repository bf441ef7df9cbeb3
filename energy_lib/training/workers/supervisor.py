"""Start a worker's process and watch it: its lines go to stderr, and silence for too long ends it.

Signs of life come with the steps of its work (energy_lib.training.workers.process), not with what it has to tell.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence

from energy_lib.training.workers.process import ALIVE

STALL_SECONDS = 600
LINES_KEPT, CHARACTERS_KEPT = 30, 1500
# Lines of TensorFlow's start that help nobody but its developers.
NOISE = ("WARNING: All log messages", "I0000", "W0000", "Cache cleanup complete.")


class WorkerFailed(Exception):
    """A worker's process ended badly or stood still; the message holds its last lines."""


def supervise(arguments: Sequence[str], environment: dict[str, str], stall_seconds: float = STALL_SECONDS) -> None:
    """Run `python <arguments>` to its end, and pass its progress lines on.

    `environment` is added to this process's. A sign of life is a step of the training, or use of the processor where
    there are no steps. Raises WorkerFailed for an exit code other than 0, and after `stall_seconds` without such a
    sign; the message holds what the worker was doing and its last lines.
    """
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        last = _follow(process, stall_seconds)
    finally:
        process.kill()
        code = process.wait()
    if code != 0:
        raise WorkerFailed(f"A training worker ended with code {code}: {' | '.join(last)[-CHARACTERS_KEPT:]}")


def _follow(process: subprocess.Popen[str], stall_seconds: float) -> list[str]:
    """Pass the lines on until the process closes them."""
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
    kept: list[str] = []
    doing = "its start"
    while True:
        try:
            line = lines.get(timeout=stall_seconds)
        except queue.Empty:
            raise _stalled(doing, stall_seconds) from None
        if line is None:
            try:
                process.wait(timeout=stall_seconds)
            except subprocess.TimeoutExpired:
                raise _stalled("its end", stall_seconds) from None
            return kept
        if line.startswith(ALIVE):
            doing = line.removeprefix(ALIVE).strip()
        elif not line.startswith(NOISE):
            kept = [*kept, line.strip()][-LINES_KEPT:]
            if line.startswith("training"):
                print(line.rstrip(), file=sys.stderr, flush=True)


def _stalled(doing: str, seconds: float) -> WorkerFailed:
    return WorkerFailed(
        f"A training worker was silent for {seconds:.0f} s at {doing} and was ended; if the machine is only slow, "
        "raise training.stall_seconds"
    )


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)
