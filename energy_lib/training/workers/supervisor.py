"""Start a worker's process and watch it: its lines go to stderr, and silence for too long ends it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence

STALL_SECONDS = 600
LINES_KEPT, CHARACTERS_KEPT = 30, 1500
# Lines of TensorFlow's start that help nobody but its developers.
NOISE = ("WARNING: All log messages", "I0000", "W0000", "Cache cleanup complete.")


class WorkerFailed(Exception):
    """A worker's process ended badly or stood still; the message holds its last lines."""


def supervise(arguments: Sequence[str], environment: dict[str, str], stall_seconds: float = STALL_SECONDS) -> None:
    """Run `python <arguments>` to its end; raises WorkerFailed."""
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
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
    while True:
        try:
            line = lines.get(timeout=stall_seconds)
        except queue.Empty:
            raise WorkerFailed(f"A training worker was silent for {stall_seconds:.0f} s and was ended.") from None
        if line is None:
            process.wait(timeout=stall_seconds)
            return kept
        if not line.startswith(NOISE):
            kept = [*kept, line.strip()][-LINES_KEPT:]
            if line.startswith("training"):
                print(line.rstrip(), file=sys.stderr, flush=True)


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)
