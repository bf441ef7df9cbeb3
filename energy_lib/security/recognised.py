"""Who was recognised by a token a moment ago, so that a signature is not checked at each request of a client."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from energy_lib.security.principal import Principal

MOST = 10_000
LONGEST_SECONDS = 60.0


class Recognised:
    """Token → who it is of, for LONGEST_SECONDS, until the token expires, or until the provider's keys change.

    Threads share it. `clock`: seconds that never go back. Tokens are kept as hashes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, int, Principal]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str, keys_version: int) -> Principal | None:
        found = self._known.get(_hash(token))
        if found is None or found[0] <= self._clock() or found[1] != keys_version:
            return None
        return found[2]

    def keep(self, token: str, valid_seconds: float, keys_version: int, principal: Principal) -> None:
        """`valid_seconds`: until the token expires; `keys_version`: of the keys that it was checked by."""
        until = self._clock() + min(LONGEST_SECONDS, valid_seconds)
        with self._lock:
            self._known[_hash(token)] = (until, keys_version, principal)
            if len(self._known) > MOST:
                self._known.popitem(last=False)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
