"""Prefetching: a thread computes the next items while one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def prefetched(items: Generator[T, None, None], depth: int) -> Iterator[Iterator[T]]:
    """The items in order (none may be None), up to `depth` of them computed in advance; closes `items` at the end."""
    with ThreadPoolExecutor(1) as thread:
        pending = deque(thread.submit(next, items, None) for _ in range(depth))

        def upcoming() -> Iterator[T]:
            while (item := pending.popleft().result()) is not None:
                pending.append(thread.submit(next, items, None))
                yield item

        try:
            yield upcoming()
        finally:
            for each in pending:
                each.cancel()
            thread.submit(items.close).result()
