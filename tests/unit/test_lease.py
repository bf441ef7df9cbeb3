"""The writer's lease and its fence, without Spark: who lost it writes nothing more."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from programs import PATHS

from energy_lib.errors import TryAgain
from energy_lib.lake import lease as lease_module
from energy_lib.lake.fence import WRITER, fenced, require_lease, token_of
from energy_lib.lake.fence_commits import fence_off_local
from energy_lib.lake.lease import held_lease, place, process_stat
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops

# Commits one row after the other to a table of the lake, and ends like a job: 75 if the lease was lost.
HOLDER = """
import sys
from energy_lib.errors import TryAgain
from energy_lib.lake import lease
from energy_lib.lake.fence_commits import fence_off_local
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops
lease.LEASE_SECONDS, lease.RENEW_SECONDS = 1, 0.3
tables, name, count = SmallTables(sys.argv[1]), sys.argv[2], int(sys.argv[3])
try:
    with lease.held_lease(tables, name, lambda token: fence_off_local(tables.root, token)):
        print("holds", flush=True)
        for number in range(count):
            version, rows = tables.version_and_rows(ops.PROGRESS)
            rows.append({"job": name, "table_name": str(number), "version": version})
            tables.replace(ops.PROGRESS, rows, version)
            print("wrote", number, flush=True)
except TryAgain as error:
    print(error)
    sys.exit(75)
"""
SECONDS = 60


@pytest.fixture
def tables(tmp_path: Path) -> SmallTables:
    made = SmallTables(str(tmp_path / "lake"))
    made.create(ops.PROGRESS, [])
    return made


def lease_of(tables: SmallTables, name: str) -> Any:
    return held_lease(tables, name, lambda token: fence_off_local(tables.root, token))


def start(tables: SmallTables, name: str, count: int, *before: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, sys.executable, "-c", HOLDER, tables.root, name, str(count)],
        env={**os.environ, "PYTHONPATH": PATHS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def holds(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    return process


def held(tables: SmallTables, **row: Any) -> None:
    """A lease of a run that did not hand it over."""
    given = {
        "lease": "writer", "holder": "other", "host": socket.gethostname(), "pid": os.getpid(), "process_started": "1",
        "renewed_at_utc": datetime.now(UTC), "place": place(), "token": 1,
    }  # fmt: skip
    tables.create(ops.LEASES, [{**given, **row}])


@pytest.mark.parametrize("seed", range(4))
def test_a_holder_stopped_anywhere_and_continued_writes_nothing_beside_its_successor(
    tables: SmallTables, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 1)
    first = holds(start(tables, "first", 2_000))
    time.sleep(random.Random(seed).uniform(0, 0.5))
    os.kill(first.pid, signal.SIGSTOP)
    try:
        with _taken_when_silent(tables):
            before = tables.version_and_rows(ops.PROGRESS)
            os.kill(first.pid, signal.SIGCONT)
            output, _ = first.communicate(timeout=SECONDS)
            assert tables.version_and_rows(ops.PROGRESS) == before
    finally:
        first.kill()
    assert first.returncode == 75, output
    assert "took over" in output or "wrote to" in output


@contextmanager
def _taken_when_silent(tables: SmallTables) -> Iterator[None]:
    """A lease that begins as soon as the stopped holder counts as lost."""
    until = time.monotonic() + SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lease_of(tables, "second"))
                break
            except TryAgain:
                assert time.monotonic() < until
                time.sleep(0.1)
        yield


def test_a_living_holder_in_another_pid_namespace_keeps_its_lease(tables: SmallTables) -> None:
    apart = ("unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc")
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no namespace of process ids")
    first = holds(start(tables, "first", 2_000, *apart))
    try:
        with pytest.raises(TryAgain, match="first"), lease_of(tables, "second"):
            pass
    finally:
        first.kill()
        first.communicate()


def test_a_killed_holder_of_this_place_is_taken_over_at_once(tables: SmallTables) -> None:
    first = holds(start(tables, "first", 2_000))
    first.kill()
    first.communicate()
    with lease_of(tables, "second"):
        assert tables.rows(ops.LEASES)[0]["holder"] == "second"


def test_a_killed_holder_that_nobody_waited_for_is_taken_over_at_once(tables: SmallTables) -> None:
    """As in a container whose first process waits for no children: they stay as zombies."""
    first = holds(start(tables, "first", 2_000))
    os.kill(first.pid, signal.SIGKILL)
    until = time.monotonic() + SECONDS
    while process_stat(first.pid)[0] != "Z":
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        with lease_of(tables, "second"):
            assert tables.rows(ops.LEASES)[0]["holder"] == "second"
    finally:
        first.communicate()


@pytest.mark.parametrize(
    ("row", "age_seconds", "taken"),
    [
        ({"pid": 2**22 + 1}, 0, True),  # no such process here
        ({"process_started": "1"}, 0, True),  # the pid is another process's now
        ({"process_started": process_stat(os.getpid())[1]}, 1000, False),  # it runs, and is only slow to renew
        ({"place": "another boot pid:[1]"}, 5, False),
        ({"place": "another boot pid:[1]"}, 1000, True),
        ({"place": None, "token": None, "host": "far"}, 5, False),  # of a lake made before there were tokens
        ({"place": None, "token": None, "host": "far"}, 1000, True),
        ({"place": None, "token": None}, 5, True),
    ],
)
def test_who_counts_as_lost(tables: SmallTables, row: dict[str, Any], age_seconds: int, taken: bool) -> None:
    held(tables, **row, renewed_at_utc=datetime.now(UTC) - timedelta(seconds=age_seconds))
    if taken:
        with lease_of(tables, "next"):
            assert tables.rows(ops.LEASES)[0]["holder"] == "next"
    else:
        with pytest.raises(TryAgain, match="other"), lease_of(tables, "next"):
            pass


def test_tokens_grow_with_each_holder_also_where_the_leases_were_lost(tables: SmallTables) -> None:
    tokens = []
    for name in "abc":
        with lease_of(tables, name):
            tokens.append(token_of(tables.root))
        if name == "b":
            for file in Path(tables.path(ops.LEASES)).rglob("*"):
                if file.is_file():
                    file.unlink()
        time.sleep(0.002)
    assert tokens == sorted(set(tokens))
    assert token_of(tables.root) == 0


def test_a_take_over_commits_its_number_to_every_table_and_no_rows(tables: SmallTables) -> None:
    tables.append(ops.PROGRESS, [{"job": "j", "table_name": "t", "version": 1}])
    before = tables.version_and_rows(ops.PROGRESS)
    held(tables, pid=2**22 + 1)
    with lease_of(tables, "next"), fenced(tables.root) as number:
        version, rows = tables.version_and_rows(ops.PROGRESS)
        fence = DeltaTable(tables.path(ops.PROGRESS)).transaction_version(WRITER)
        assert (version, rows) == (before[0] + 1, before[1])
        assert number is not None
        assert fence is not None
        assert fence < number


def test_a_lease_handed_over_leaves_the_tables_alone(tables: SmallTables) -> None:
    for name in "ab":
        with lease_of(tables, name):
            require_lease(tables.root)
    assert tables.version(ops.PROGRESS) == 0


def test_a_commit_that_the_fence_overtook_conflicts(tables: SmallTables) -> None:
    """The lease is lost between the look at it and the commit: the table's version decides."""
    opened = DeltaTable(tables.path(ops.PROGRESS))
    with pytest.raises(TryAgain), lease_of(tables, "first"):
        _write_behind_the_fence(tables, opened)
    assert tables.rows(ops.PROGRESS) == []


def _write_behind_the_fence(tables: SmallTables, opened: DeltaTable) -> None:
    fence_off_local(tables.root, 2**42)
    tables._commit(ops.PROGRESS, opened, [{"job": "j", "table_name": "t", "version": 1}], "append")


def test_a_lake_made_before_there_were_tokens_gets_them(tmp_path: Path) -> None:
    import pyarrow as pa
    from deltalake import write_deltalake

    from energy_lib.tables.arrow import arrow_schema

    tables = SmallTables(str(tmp_path))
    schema = pa.schema([field for field in arrow_schema(ops.LEASES) if field.name not in ("place", "token")])
    row = {"lease": "writer", "holder": "", "host": "h", "pid": 1, "process_started": "1"}
    old = pa.Table.from_pylist([{**row, "renewed_at_utc": datetime.now(UTC)}], schema=schema)
    write_deltalake(tables.path(ops.LEASES), old)
    with lease_of(tables, "next"):
        assert tables.rows(ops.LEASES)[0]["token"] == token_of(tables.root)
