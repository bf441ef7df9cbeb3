"""The fence of law 11: what this process holds of a lake's lease, and the check of each commit against it.

A holder that stood still may have lost the lease without knowing. So each commit asks before it begins and after it
has ended whether the lease is still ours, and in between it carries a Delta transaction id (WRITER, a number that
grows with the lease's token). The run that takes a lease from a holder commits its own number to every table: a commit
that the old holder had begun then conflicts, and one that it begins later is dropped by Delta as old.
docs/decisions/0013-a-fence-in-each-commit.md says what holds where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from energy_lib.errors import TryAgain

# Of the commits of all runs, in the `txn` actions of Delta's log.
WRITER = "energy_writer"
COMMITS_OF_A_TOKEN = 1 << 20


@dataclass(slots=True)
class Holding:
    """A lease of `root` that this process took; `still_ours` asks the lake."""

    root: str
    run_id: str
    token: int
    still_ours: Callable[[], bool]
    commits: int = field(default=0, init=False)

    def require(self) -> None:
        """Raises TryAgain if another run holds the lease."""
        if not self.still_ours():
            raise TryAgain(
                f"Run {self.run_id} stood still for so long that another run took over {self.root}; it wrote nothing "
                "more: run this job again."
            )

    def next_commit(self) -> int:
        """The number of the next commit: above all earlier ones of this lease, and of all leases before it."""
        self.commits += 1
        return self.token * COMMITS_OF_A_TOKEN + self.commits


_held: dict[str, Holding] = {}


@contextmanager
def holding(held: Holding) -> Iterator[None]:
    """Let the commits of this process to `held.root` be fenced by this lease."""
    _held[held.root] = held
    try:
        yield
    finally:
        del _held[held.root]


def token_of(root: str) -> int:
    """The token that this process holds of the lake; 0 if it holds none (it reads, or is a test of a table)."""
    return _held[root].token if root in _held else 0


def require_lease(root: str) -> None:
    """Raises TryAgain if this process held the lake's lease and lost it."""
    if root in _held:
        _held[root].require()


@contextmanager
def fenced(root: str) -> Iterator[int | None]:
    """Around one commit to a table of the lake: the number it is to carry under WRITER; None without a lease.

    Raises TryAgain if the lease was lost, before the commit or while it ran: then it may not have been made.
    """
    held = _held.get(root)
    if held is None:
        yield None
        return
    held.require()
    yield held.next_commit()
    held.require()


def first_number(token: int) -> int:
    """What the commit carries by which a new holder fences a table off from the holders before it."""
    return token * COMMITS_OF_A_TOKEN
