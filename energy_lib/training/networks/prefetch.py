"""Work on the next items while this one is used: a thread and a short queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(items: Generator[T, None, None], depth: int) -> Iterator[Iterator[T]]:
    """The items (no None) in order, up to `depth` of them made before they are asked for; closes `items` at the end."""
    with ThreadPoolExecutor(1) as thread:
        coming = deque(thread.submit(next, items, None) for _ in range(depth))

        def made() -> Iterator[T]:
            while (item := coming.popleft().result()) is not None:
                coming.append(thread.submit(next, items, None))
                yield item

        try:
            yield made()
        finally:
            for each in coming:
                each.cancel()
            thread.submit(items.close).result()
