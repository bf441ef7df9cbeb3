"""Programs that live no longer than the one that started them."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from energy_lib.errors import BadConfig

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
# As Java and Python write the error that ended a program.
ERROR_LINE = re.compile(r"[\w.$]+(Exception|Error)\b")


class Child:
    """A program in a process group of its own, its output in a log.

    Ctrl-C in the terminal does not reach it: who started it stops it, in the order of its choice. It is killed when the
    thread that started it ends, be it by SIGKILL; so it is started by the main thread.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        assert threading.current_thread() is threading.main_thread(), f"{name} would end with its thread"
        self.name = name
        self.log = log
        parent = os.getpid()

        def die_with_parent() -> None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("ab") as out:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
        except FileNotFoundError:
            raise BadConfig(
                f"{command[0]} is not to be found, {name} needs it: install it, or put it on PATH."
            ) from None

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self, seconds: float = 15.0) -> None:
        """Ask it to end (SIGTERM), and kill what is left of its group after so long."""
        if self.is_running:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End all of its group at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        """What its log says last of an error, or the last line, for an error's sentence."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()]
        errors = [line for line in said if ERROR_LINE.match(line)]
        return (errors or said or ["its log is empty"])[-1]

    def _signal(self, number: int) -> None:
        # The group lives on while one of it does, so its number is not given to others.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
