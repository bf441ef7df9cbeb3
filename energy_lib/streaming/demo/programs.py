"""The programs of the demo: started in the order in which they need one another, stopped in the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from energy_lib.errors import EnergyError, TryAgain
from energy_lib.shipped import ROOT
from energy_lib.simulation.live.broker import Broker
from energy_lib.simulation.live.children import Child

SMALL = ("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseParallelGC")


class Failed(EnergyError):
    """A program ended by itself with this exit code; its last words are the sentence."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class Programs:
    """A broker and the jobs on it, within a `with`; whatever ends it, all are stopped and nothing runs on."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self._folder = folder
        self._broker = broker
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._broker.start()
        return self

    def start_job(self, name: str, job: str, arguments: Sequence[str], *, spark: bool) -> None:
        """Start jobs/<job>.py, by spark-submit or by this Python; its output goes to <folder>/<name>.log."""
        start = [str(Path(sys.executable).with_name("spark-submit")), *SMALL] if spark else [sys.executable]
        log = self._folder / f"{name}.log"
        log.unlink(missing_ok=True)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self._children.append(Child(name, [*start, str(ROOT / "jobs" / f"{job}.py"), *arguments], log, {"PATH": path}))

    def states(self) -> dict[str, str]:
        """name -> what is to be said of it. Raises Failed for one that ended with a fault, TryAgain for the broker."""
        if not self._broker.is_running:
            raise TryAgain(f"Kafka's broker ended: see {self._folder}, then start again.")
        told = {"broker": "runs"}
        for child in self._children:
            code = child.process.poll()
            if code:
                raise Failed(f"{child.name} ended with {code}, see {child.log}: {child.last_words()}", max(code, 1))
            told[child.name] = "runs" if code is None else "is done"
        return told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            child.stop()
        self._broker.stop()
