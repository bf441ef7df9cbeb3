"""What a receiver has still to be told: which is due, and up to where its table is dealt with."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from energy_lib.config import AlertsConfig
from energy_lib.streaming.delivery.alerts import Row


@dataclass(slots=True, eq=False)
class Item:
    """A row to be told, the version of its table that brought it, when it is due, and since when it waits.

    Seconds of a steady clock.
    """

    row: Row
    version: int
    due: float
    since: float
    attempts: int = 0


class Queue:
    """Items in the order in which they were said. `read_to`: the next version of the table to read."""

    def __init__(self, read_to: int) -> None:
        self.read_to = read_to
        self._items: list[Item] = []

    def __len__(self) -> int:
        return len(self._items)

    def add(self, rows: Iterable[Row], version: int, now: float) -> None:
        self._items += [Item(row, version, now, now) for row in rows]

    def settle(self, items: Iterable[Item]) -> None:
        gone = set(map(id, items))
        self._items = [item for item in self._items if id(item) not in gone]

    def due(self, now: float) -> list[Item]:
        """All that is due, as it was said; of an alert nothing before what was said of it earlier is settled or due."""
        waiting: set[str] = set()
        found = []
        for item in self._items:
            if item.due > now:
                waiting.add(item.row["alert_id"])
            elif item.row["alert_id"] not in waiting:
                found.append(item)
        return found

    def heads(self, now: float) -> list[Item]:
        """Of each alert what is first, if it is due. New ones come before those that failed, and may fail slowly."""
        return sorted((item for item in self._firsts() if item.due <= now), key=lambda item: item.attempts > 0)

    def next_due(self) -> float | None:
        return min((item.due for item in self._firsts()), default=None)

    def oldest_seconds(self, now: float) -> float:
        """How long the first of what is not settled has waited; 0 if there is nothing."""
        return now - min((item.since for item in list(self._items)), default=now)

    def rows(self) -> list[Row]:
        return [item.row for item in self._items]

    def position(self) -> int:
        """The first version of which something is not settled: a run that begins there misses nothing."""
        return min([self.read_to, *(item.version for item in self._items)])

    def _firsts(self) -> Iterable[Item]:
        first: dict[str, Item] = {}
        for item in self._items:
            first.setdefault(item.row["alert_id"], item)
        return first.values()


def pause_seconds(alerts: AlertsConfig, attempts: int, retry_after: float | None) -> float:
    """Pause after so many failures: doubled each time, cut by up to half at random so that senders do not go in step.

    What the receiver asks for (`retry_after`) counts if it is longer, up to the longest pause.
    """
    longest = alerts.longest_retry_seconds
    # Beyond 2**40 every pause is the longest one.
    pause = min(alerts.first_retry_seconds * 2.0 ** min(attempts - 1, 40), longest)
    return max(pause * random.uniform(0.5, 1.0), min(retry_after or 0.0, longest))  # noqa: S311 a pause is no secret
