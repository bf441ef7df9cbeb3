"""What the environment does to a run (a full disk, a missing right, a file that is gone), as one sentence and a code.

An error is known by the number that the system gave it or, where it came through Java, Rust or SQLite, by its words.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from energy_lib.errors import BadConfig, EnergyError, TryAgain

REPAIR = "docs/operations.md says how to repair it"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing the environment does: how it is recognised, and what the sentence says of `{place}`."""

    kind: type[EnergyError]
    sentence: str
    words: str
    numbers: frozenset[int] = frozenset()


CAUSES = (
    # Spark names no file there: its frames below the message tell that it is no table's.
    Cause(
        TryAgain,
        "There is no space left for Spark's temporary files: free some where spark.local.dir lies (/tmp by default), "
        "then run this again; what was published before stays.",
        r"No space left on device(?:\s+at [^\n]*)*?\s+at org\.apache\.spark\.(?:storage|shuffle|util\.collection)\.",
    ),
    Cause(
        TryAgain,
        "There is no space left to write {place}: free some, then run this again; what was published before stays.",
        r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b|database or disk is full",
        frozenset({errno.ENOSPC, errno.EDQUOT}),
    ),
    Cause(
        BadConfig,
        "{place} cannot be written, its file system is read-only: mount it for writing, or name another place.",
        r"[Rr]ead-only file system|os error 30\b|attempt to write a readonly database",
        frozenset({errno.EROFS}),
    ),
    Cause(
        BadConfig,
        "This user may not read or write {place}: give the right to, or name another place.",
        r"Permission denied|AccessDeniedException|AccessControlException|os error 13\b|Operation not permitted",
        frozenset({errno.EACCES, errno.EPERM}),
    ),
    Cause(
        BadConfig,
        "{place} is a file, or lies below one, where a folder is needed: move it away, or name another place.",
        r"Not a directory|ParentNotDirectoryException|os error 20\b|FileAlreadyExistsException.*not a directory",
        frozenset({errno.ENOTDIR}),
    ),
    Cause(
        BadConfig,
        "{place} cannot be made: see that its folder can be written, or name another place.",
        r"Mkdirs failed to create",
    ),
    Cause(
        BadConfig,
        f"The log of {{place}} is damaged: {REPAIR}.",
        r"Invalid JSON in log|JsonEOFException|DELTA_TRUNCATED_TRANSACTION_LOG|DELTA_VERSIONS_NOT_CONTIGUOUS"
        r"|DELTA_LOG_FILE_NOT_FOUND|DELTA_STATE_RECOVER_ERROR|DELTA_MISSING_(?:PART_FILES|CHANGE_DATA)"
        r"|Failed to parse JSON|DELTA_INVALID_V1_TABLE|MalformedJsonException",
    ),
    Cause(
        BadConfig,
        f"A data file of {{place}} is gone or damaged: {REPAIR}.",
        r"FAILED_READ_FILE|FileNotFoundException[^\n]*parquet|is not a Parquet file|magic bytes not found"
        r"|[Nn]o such file or directory[^\n]*parquet|parquet[^\n]*(?:not found|[Nn]o such file)|PARQUET_FILE_NOT_EXIST",
    ),
    Cause(
        TryAgain,
        "Spark's Java process ended under the job on {place}, most often for want of memory: give it more "
        "(spark.driver.memory), and run this again.",
        r"Py4JNetworkError|Answer from Java side is empty|OutOfMemoryError",
    ),
    Cause(
        TryAgain,
        "{place} is away (the connection was refused or timed out): run this again when it is back.",
        r"Connection refused|UnknownHostException|NoRouteToHost|Connection reset|SocketTimeoutException"
        r"|error sending request|database is locked",
        frozenset({errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH}),
    ),
)
# A path in the words of Java, Rust or Python: after file:, in quotes, or by itself; not java.base/java.io.
PATH = re.compile(r"(?:file:/*(?=/))?(?<![\w.])(/[^\s:'\"`,;()\[\]{}|]+)")


def environment_error(error: BaseException, lake: str) -> EnergyError | None:
    """The sentence for what the environment did, or None if the error is not known for that.

    `lake`: the lake's root; the sentence names a table of it where the error names a path in it.
    """
    for each in _chain(error):
        if isinstance(each, EnergyError):
            return each
        for cause in CAUSES:
            number = each.errno if isinstance(each, OSError) else None
            if number in cause.numbers or re.search(cause.words, f"{type(each).__name__}: {each}"):
                return cause.kind(cause.sentence.format(place=_place(each, cause, lake)))
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, the first failure last; each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _place(error: BaseException, cause: Cause, lake: str) -> str:
    """The lake's table that the error names, else the path, else the lake."""
    text = str(error)
    named = str(error.filename) if isinstance(error, OSError) and error.filename else ""
    found = re.search(cause.words, text)
    line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0] if found else ""
    root = str(Path(lake.removeprefix("file://")).absolute()) if "://" not in lake.removeprefix("file://") else lake
    for part in (named, line, text):
        table = re.search(rf"{re.escape(root)}/([a-z]+)/(\w+)(?:/|$|\b)", part)
        if table:
            return f"{table[1]}.{table[2]} in {lake}"
    return named or next((path.rstrip(".") for part in (line, text) for path in PATH.findall(part)), lake)
