"""How often one asker may ask: a token bucket each, in this process's memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

# Askers whose buckets are kept; who asked longest ago is forgotten first, and then has a full bucket.
ASKERS_KEPT = 10_000


class RateLimits:
    """Buckets of `burst` requests that fill by `per_second`; `clock` is monotonic, in seconds."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, float(burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, asker: str) -> int:
        """0 and one request less in the bucket; else whole seconds after which there is one."""
        now = self._clock()
        left, at = self._buckets.pop(asker, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        wait = 0 if left >= 1 else max(1, math.ceil((1 - left) / self._per_second))
        self._buckets[asker] = (left - 1 if wait == 0 else left, now)
        if len(self._buckets) > ASKERS_KEPT:
            self._buckets.popitem(last=False)
        return wait
