"""What the environment does is one sentence that names the place, and a code; a bug stays a bug."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from programs import PATHS

from energy_lib.errors import BadConfig, EnergyError, TryAgain
from energy_lib.lake.environment import environment_error
from energy_lib.lake.log_check import require_whole_logs, require_writable
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops

LAKE = "/data/it's my lake"
SPARK_FULL = f"""An error occurred while calling o1.save.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 failed
	at java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.io.IOException: No space left on device: {LAKE}/silver/readings/part-0.parquet
	at java.base/sun.nio.ch.UnixFileDispatcherImpl.write0(Native Method)
"""


# Spark's shuffle on a full disk: its message names no file.
SPARK_SCRATCH_FULL = """An error occurred while calling o71.collectToPython.
: org.apache.spark.SparkException: Job aborted: Lost task 0.0: java.io.IOException: No space left on device
	at java.base/java.io.FileOutputStream.writeBytes(Native Method)
	at java.base/java.io.FileOutputStream.write(FileOutputStream.java:349)
	at org.apache.spark.storage.TimeTrackingOutputStream.write(TimeTrackingOutputStream.java:59)
"""
# A table's file whose message names none, as Parquet's writer gives it.
SPARK_UNNAMED = """: java.io.IOException: No space left on device
	at java.base/java.io.FileOutputStream.writeBytes(Native Method)
	at org.apache.hadoop.fs.RawLocalFileSystem$LocalFSFileOutputStream.write(RawLocalFileSystem.java:371)
	at org.apache.spark.sql.execution.datasources.parquet.ParquetOutputWriter.write(ParquetOutputWriter.scala:39)
"""
FULL_DELTA_RS = "Generic LocalFileSystem error: Unable to copy data: No space left on device (os error 28)"
FULL_ARROW = "[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"
NOT_MADE = "java.io.IOException: Mkdirs failed to create file:/data/lake/_staging/x (exists=false)"
GONE = "[FAILED_READ_FILE.FILE_NOT_EXIST] Encountered error while reading file file:/data/a.parquet."


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "No space left", "/data/x/a.csv"), TryAgain, "no space left to write /data/x/a.csv"),
        (OSError(errno.EROFS, "Read-only", f"{LAKE}/bronze/files"), BadConfig, "bronze.files in"),
        (PermissionError(errno.EACCES, "Denied", f"{LAKE}/gold/scores/_delta_log"), BadConfig, "gold.scores"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/data/lake/ops"), BadConfig, "is a file"),
        (RuntimeError(SPARK_FULL), TryAgain, "no space left to write silver.readings"),
        (RuntimeError(SPARK_SCRATCH_FULL), TryAgain, "spark.local.dir"),
        (RuntimeError(SPARK_UNNAMED), TryAgain, f"no space left to write {LAKE}:"),
        (DeltaError(FULL_DELTA_RS), TryAgain, LAKE),
        (pa.ArrowIOError(FULL_ARROW), TryAgain, "space"),
        (RuntimeError(NOT_MADE), BadConfig, "/data/lake/_staging/x"),
        (RuntimeError(GONE), BadConfig, "docs/operations.md"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), TryAgain, "away"),
    ],
)
def test_a_cause_is_one_sentence_and_a_code(error: Exception, kind: type[EnergyError], words: str) -> None:
    found = environment_error(error, LAKE)
    assert type(found) is kind
    assert words in str(found)
    assert "\n" not in str(found)
    assert " at java" not in str(found)


def test_a_cause_is_found_behind_the_error_that_it_led_to() -> None:
    outer = RuntimeError("the batch could not be staged")
    outer.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(environment_error(outer, LAKE), TryAgain)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("kwh"),
        ValueError("bronze.readings needs columns ['a']"),
        FileNotFoundError(2, "No such file", "x.json"),
    ],
)
def test_a_bug_stays_a_bug(error: Exception) -> None:
    assert environment_error(error, LAKE) is None


def table(lake: Path, rows: int = 3) -> Path:
    path = lake / "bronze" / "readings"
    for kwh in range(rows):
        write_deltalake(str(path), pa.table({"kwh": [float(kwh)]}), mode="append")
    return path / "_delta_log"


@pytest.mark.parametrize("share", [0, 0.3, 0.5, 0.97])
def test_an_entry_that_was_cut_off_is_told_with_its_table(tmp_path: Path, share: float) -> None:
    newest = sorted(table(tmp_path).glob("*.json"))[-1]
    require_whole_logs(str(tmp_path))
    whole = newest.read_bytes().rstrip()
    newest.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadConfig, match=rf"bronze\.readings .*{newest.name} is cut off.*docs/operations\.md"):
        require_whole_logs(str(tmp_path))


def test_a_lost_entry_is_told_unless_a_checkpoint_holds_it(tmp_path: Path) -> None:
    log = table(tmp_path)
    (log / f"{0:020d}.json").unlink()
    with pytest.raises(BadConfig, match="is missing"):
        require_whole_logs(str(tmp_path))
    checkpoint = log / f"{1:020d}.checkpoint.parquet"
    pq.write_table(pa.table({"a": [1]}), checkpoint)
    require_whole_logs(str(tmp_path))
    checkpoint.write_bytes(checkpoint.read_bytes()[:-10])
    with pytest.raises(BadConfig, match=r"checkpoint\.parquet is cut off"):
        require_whole_logs(str(tmp_path))


def test_a_lake_that_is_a_file_is_told_and_one_that_is_not_there_yet_is_none(tmp_path: Path) -> None:
    (tmp_path / "lake").touch()
    with pytest.raises(BadConfig, match="is a file"):
        require_whole_logs(str(tmp_path / "lake"))
    require_whole_logs(str(tmp_path / "new"))
    require_whole_logs("s3://bucket/lake")


def test_a_lake_that_cannot_be_written_is_told_by_its_name(tmp_path: Path) -> None:
    require_writable(str(tmp_path / "new" / "lake"))
    assert list((tmp_path / "new" / "lake").iterdir()) == []
    (tmp_path / "file").touch()
    below = str(tmp_path / "file" / "lake")
    told = environment_error(failure(require_writable, below), below)
    assert isinstance(told, BadConfig)
    assert str(told).startswith(below)


def failure(act: object, *arguments: object) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever the library makes of it
        act(*arguments)  # type: ignore[operator]
    return raised.value


def test_what_delta_rs_says_of_a_lost_data_file_and_a_file_in_the_way(tmp_path: Path) -> None:
    tables = SmallTables(str(tmp_path / "lake"))
    tables.create(ops.PROGRESS, [{"job": "j", "table_name": "t", "version": 1}])
    for file in Path(tables.path(ops.PROGRESS)).glob("*.parquet"):
        file.unlink()
    lost = environment_error(failure(tables.rows, ops.PROGRESS), tables.root)
    assert lost is not None
    assert "ops.progress" in str(lost)
    assert "docs/operations.md" in str(lost)
    (tmp_path / "file").touch()
    blocked = SmallTables(str(tmp_path / "file"))
    told = environment_error(failure(blocked.create, ops.PROGRESS, []), blocked.root)
    assert isinstance(told, BadConfig), told


def test_a_full_disk_as_arrow_python_and_delta_rs_meet_it(tmp_path: Path) -> None:
    """A file system of its own, of 256 kB, in a namespace of mounts; /dev/full where none is given."""
    with pytest.raises(OSError, match="No space left") as raised:
        Path("/dev/full").write_text("x", encoding="utf-8")
    assert isinstance(environment_error(raised.value, LAKE), TryAgain)
    program = """
import sys, pyarrow as pa
from energy_lib.lake.environment import environment_error
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops
tables = SmallTables(sys.argv[1])
rows = [{"job": str(i) * 50, "table_name": str(i), "version": i} for i in range(20000)]
try:
    for _ in range(50):
        tables.append(ops.PROGRESS, rows)
except Exception as error:
    print(type(environment_error(error, tables.root)).__name__)
"""
    mounted = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=256k none "$0" && exec "$@"',
    ]
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run([*mounted, str(small), "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no namespace of mounts")

    done = subprocess.run(
        [*mounted, str(small), sys.executable, "-c", program, str(small)],
        capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONPATH": PATHS},
    )  # fmt: skip
    assert done.stdout.strip() == "TryAgain", done.stderr[-2000:]


OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_documented_repair_takes_all_tables_back_to_one_moment(tmp_path: Path) -> None:
    (command,) = re.findall(r"```bash\n(cd \"\$LAKE\".*?)```", OPERATIONS, re.S)
    lake = tmp_path / "it's a lake"
    tables = SmallTables(str(lake))
    log = table(lake, rows=2)
    tables.append(ops.PROGRESS, [{"job": "clean", "table_name": "bronze.readings", "version": 1}])
    time.sleep(1.1)
    since = datetime.now(UTC)
    time.sleep(0.1)
    table(lake, rows=1)
    tables.append(ops.PROGRESS, [{"job": "clean", "table_name": "bronze.readings", "version": 2}])
    newest = sorted(log.glob("*.json"))[-1]
    newest.write_bytes(newest.read_bytes()[:100])
    with pytest.raises(BadConfig):
        require_whole_logs(str(lake))
    archive = tmp_path / "entries.tar"
    told = {"LAKE": str(lake), "SINCE": f"{since:%Y-%m-%d %H:%M:%S.%f UTC}", "ARCHIVE": str(archive)}
    subprocess.run(["bash", "-euc", command], check=True, env={**os.environ, **told})
    require_whole_logs(str(lake))
    assert DeltaTable(str(log.parent)).to_pyarrow_table().num_rows == 2
    assert [row["version"] for row in tables.rows(ops.PROGRESS)] == [1]
    assert archive.stat().st_size > 0
