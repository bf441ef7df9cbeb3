"""A keeper of what was read from a lake: it reads the next state of the tables before anyone asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event
from typing import Generic, Protocol, TypeVar

# It looks for new versions once a second, and rests three times as long as its last reading took: a night that writes
# table after table is not slowed much.
LOOK_SECONDS, RESTS = 1.0, 3.0

log = logging.getLogger(__name__)


class State(Protocol):
    """What was read of a lake's tables at one version each."""

    def is_current(self) -> bool:
        """Whether no table has a version after the one that was read."""

    def prepare(self, stopped: Event) -> None:
        """Read ahead what will be asked for, until it is stopped."""


S = TypeVar("S", bound=State)


class Keeper(Generic[S]):
    """`current` is the newest state that is ready: until the next is read, it is the one before."""

    def __init__(self, make: Callable[[], S]) -> None:
        self._make = make
        self.current = make()

    def refresh(self, stopped: Event) -> None:
        """Read the tables' newest versions if they have any, and answer from them from then on; not once stopped."""
        if not self.current.is_current():
            fresh = self._make()
            fresh.prepare(stopped)
            if not stopped.is_set():
                self.current = fresh

    def keep(self, stopped: Event) -> None:
        """Prepare the first state, and refresh it until it is stopped; from then on it says nothing.

        What cannot be read ahead, who asks sees why.
        """
        try:
            self.current.prepare(stopped)
        except Exception as error:
            if not stopped.is_set():
                log.warning("The tables could not be read ahead: %s", error)
        rest = LOOK_SECONDS
        while not stopped.wait(rest):
            started = time.monotonic()
            try:
                self.refresh(stopped)
            except Exception as error:
                if not stopped.is_set():
                    log.warning("The newest tables could not be read, so those before are shown: %s", error)
            rest = max(LOOK_SECONDS, RESTS * (time.monotonic() - started))
