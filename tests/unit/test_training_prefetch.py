"""Prefetched items: in their order, no more than allowed, errors raised, no thread left running."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from energy_lib.training.networks.prefetch import prefetched


class Source:
    """Counts what was made of `count` items; `full` says that `enough` of them were."""

    def __init__(self, count: int, enough: int) -> None:
        self.count, self.enough = count, enough
        self.made = 0
        self.full, self.closed = threading.Event(), threading.Event()

    def items(self) -> Generator[int, None, None]:
        try:
            for item in range(self.count):
                self.made += 1
                if self.made == self.enough:
                    self.full.set()
                yield item
        finally:
            self.closed.set()


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_every_item_comes_once_in_order(count: int) -> None:
    source = Source(count, count)
    with prefetched(source.items(), 3) as items:
        assert list(items) == list(range(count))


def test_items_are_made_while_one_is_used_and_no_more_than_allowed() -> None:
    source = Source(50, 5)
    with prefetched(source.items(), 4) as items:
        assert next(items) == 0
        assert source.full.wait(10)
    assert source.made == 5


def test_a_pass_left_early_is_closed() -> None:
    source = Source(50, 1)
    threads = threading.active_count()
    with prefetched(source.items(), 4) as items:
        assert next(items) == 0
    assert source.closed.is_set()
    assert threading.active_count() == threads


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise ValueError("the shard is gone")

    with prefetched(failing(), 4) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="the shard is gone"):
            next(items)
