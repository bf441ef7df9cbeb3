"""ops.audit on a disk: many writers make one chain, a service writes behind requests, the job verifies and prunes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake import audit_log
from energy_lib.lake.audit_log import AuditLog, append_entries, rows_in_order, verify
from energy_lib.security.api_keys import ApiKeyFile, make_key
from energy_lib.security.audit_entry import AuditEntry, entry_of_job
from energy_lib.security.principal import EVERYTHING, Role
from energy_lib.tables.arrow import arrow_schema
from jobs import audit

AT = datetime(2024, 6, 1, tzinfo=UTC)
# Appends entries one by one, as fast as it can.
WRITER = """
import sys
from datetime import UTC, datetime
from energy_lib.lake.audit_log import append_entries
from energy_lib.security.audit_entry import entry_of_job
root, name, count = sys.argv[1:]
print("ready", flush=True)
for number in range(int(count)):
    append_entries(root, [entry_of_job(datetime.now(UTC), name, "test", str(number))])
"""
# Records an entry each millisecond and says its number, until it is killed or its input ends.
SERVICE = """
import sys, threading, time
from datetime import UTC, datetime
from energy_lib.lake.audit_log import AuditLog
from energy_lib.security.audit_entry import entry_of_job
log = AuditLog(sys.argv[1])
end = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
number = 0
while not end.wait(0.001):
    log.record(entry_of_job(datetime.now(UTC), "serve", "GET", str(number)))
    number += 1
    print(number, time.time(), flush=True)
log.close()
"""


def entries(count: int, at: datetime = AT) -> list[AuditEntry]:
    return [entry_of_job(at + timedelta(hours=i), "test", "look", str(i)) for i in range(count)]


def started(program: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def run(root: Path, *words: str) -> int:
    return audit.main([*words, "--set", f"lake={root}"])


def rewritten(root: Path, rows: Sequence[dict[str, object]]) -> None:
    """The table with other rows, as someone who can write to it would make them."""
    table = DeltaTable(str(root / "ops" / "audit"))
    write_deltalake(table, pa.Table.from_pylist(list(rows), schema=arrow_schema(audit_log.AUDIT)), mode="overwrite")


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    append_entries(str(tmp_path), entries(1))
    running = [started(WRITER, str(tmp_path), name, "15") for name in ("a", "b", "c")]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    rows = list(rows_in_order(str(tmp_path)))
    assert verify(str(tmp_path)).fault is None
    assert [row["sequence"] for row in rows] == list(range(1, 47))
    for name in "abc":
        mine = [row["resource"] for row in rows if row["origin"].startswith(f"job:{name}@")]
        assert mine == [str(number) for number in range(15)]


def test_a_service_that_is_killed_loses_a_second_at_most_and_the_chain_is_whole(tmp_path: Path) -> None:
    running = started(SERVICE, str(tmp_path))
    assert running.stdout is not None
    said = []
    while len(said) < 1500:
        said.append(running.stdout.readline().split())
    running.send_signal(signal.SIGKILL)
    rest = running.stdout.read().splitlines()
    killed_at = time.time()
    running.wait()
    said += [line.split() for line in rest if len(line.split()) == 2]
    found = verify(str(tmp_path))
    assert found.fault is None
    kept = {int(row["resource"]) for row in rows_in_order(str(tmp_path))}
    assert kept == set(range(len(kept)))
    assert kept, "something was flushed"
    lost = [float(at) for number, at in said if int(number) - 1 not in kept]
    assert all(killed_at - at < 3.0 for at in lost)


def test_a_service_that_ends_loses_nothing(tmp_path: Path) -> None:
    running = started(SERVICE, str(tmp_path))
    assert running.stdout is not None
    said = [running.stdout.readline() for _ in range(20)]
    assert running.stdin is not None
    running.stdin.close()
    said += running.stdout.readlines()
    assert running.wait(60) == 0
    assert verify(str(tmp_path)).rows == len(said)


def test_what_cannot_be_written_waits_and_then_requests_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(str(tmp_path))
    table = tmp_path / "ops" / "audit"
    away = tmp_path / "away"
    table.rename(away)
    (tmp_path / "ops" / "audit").write_text("in the way")
    monkeypatch.setattr(audit_log, "MOST_WAITING", 3)
    for entry in entries(3):
        log.record(entry)
    with pytest.raises(TryAgain, match="audit cannot be written"):
        log.require_room()
    (tmp_path / "ops" / "audit").unlink()
    away.rename(table)
    end = time.monotonic() + 10
    while verify(str(tmp_path)).rows < 3 and time.monotonic() < end:
        time.sleep(0.05)
    log.close()
    assert verify(str(tmp_path)).rows == 3


def test_the_job_names_the_first_row_that_was_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = append_entries(str(tmp_path), entries(5))
    assert run(tmp_path, "verify") == 0
    assert f"Head: {head}" in capsys.readouterr().out
    rows = [dict(row) for row in rows_in_order(str(tmp_path))]
    rows[2]["actor"] = "os:nobody"
    rewritten(tmp_path, rows)
    assert run(tmp_path) == 3
    assert "Row 3 does not have the hash of its words" in capsys.readouterr().err
    rewritten(tmp_path, rows[:2])
    assert run(tmp_path, "verify", "--head", str(head)) == 3
    assert "Row 5 is gone" in capsys.readouterr().err
    with pytest.raises(BadConfig, match=r"Row 5 of ops\.audit is gone"):
        append_entries(str(tmp_path), entries(1))


def test_what_is_older_than_it_is_kept_is_removed_and_the_chain_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    old = append_entries(str(tmp_path), entries(3, now - timedelta(days=800)))
    append_entries(str(tmp_path), entries(2, now - timedelta(days=2)))
    assert run(tmp_path, "prune") == 0
    assert [row["sequence"] for row in rows_in_order(str(tmp_path))] == [4, 5, 6]
    assert run(tmp_path, "verify", "--head", str(old)) == 0
    assert run(tmp_path, "prune") == 0
    assert "No row is that old." in capsys.readouterr().out
    append_entries(str(tmp_path), entries(1))
    assert run(tmp_path, "verify") == 0
    assert run(tmp_path, "prune", "--set", "security.audit_retain_days=1") == 0
    assert [row["sequence"] for row in rows_in_order(str(tmp_path))] == [6, 7, 8]
    assert run(tmp_path, "verify") == 0


def test_only_an_admin_prunes_where_the_config_knows_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now, keys, root = datetime.now(UTC), ApiKeyFile(str(tmp_path / "keys.json")), tmp_path / "lake"
    append_entries(str(root), entries(3, now - timedelta(days=800)))
    told = {}
    for role in (Role.ADMIN, Role.ANALYST):
        key, told[role] = make_key(role, [role], EVERYTHING, now, now + timedelta(days=1))
        keys.add(key)
    words = ("prune", "--set", f"security.api_keys_file={keys.path}")
    for variable, sentence in (
        ("", "set ENERGY_TOKEN or ENERGY_API_KEY"),
        (told[Role.ANALYST], "one of the roles admin"),
    ):
        monkeypatch.setenv("ENERGY_API_KEY", variable)
        assert run(root, *words) == 2
        assert sentence in capsys.readouterr().err
    assert len(list(rows_in_order(str(root)))) == 3
    monkeypatch.setenv("ENERGY_API_KEY", told[Role.ADMIN])
    assert run(root, *words) == 0
    assert [row["actor"].rpartition(":")[0] for row in rows_in_order(str(root))] == ["key:admin"]


def test_a_gap_wider_than_what_is_read_at_once_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "ROWS_AT_ONCE", 4)
    append_entries(str(tmp_path), entries(30))
    assert verify(str(tmp_path)).rows == 30
    rows = [dict(row) for row in rows_in_order(str(tmp_path))]
    rewritten(tmp_path, [*rows[:2], *rows[20:]])
    assert verify(str(tmp_path)).fault == "Row 21 comes after row 2: rows were added or removed"


def test_an_empty_lake_is_whole_and_a_store_has_no_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "verify") == 0
    assert "0 rows are whole" in capsys.readouterr().out
    with pytest.raises(BadConfig, match="needs a lake on a disk"):
        AuditLog("s3://bucket/lake")
