"""What a local landing folder offers: names of any bytes, times of any year, links, and what cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from programs import python

from energy_lib.errors import BadConfig
from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.files.local_listing import LocalListing, landed_at
from energy_lib.landing.files.offered_files import LANDED_AFTER, LANDED_BEFORE, Offer, require_landing_time
from energy_lib.landing.sources.loading import load_sources

CONTENT = b"stamp,kwh\n2024-01-01,1\n"


def listed(landing: Path, links_out: bool = False) -> tuple[dict[str, bytes], list[str]]:
    """Path → content of each file as a task reads it, and the notes."""
    listing = LocalListing(str(landing), links_out)
    files = {}
    for file in listing.files():
        with Content.at(file.uri, file.path).open() as stream:
            files[file.path] = stream.read()
    return files, listing.notes


def put(landing: Path, name: str | bytes, content: bytes = CONTENT) -> str:
    path = os.fsencode(landing) + b"/" + os.fsencode(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # by bytes
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(content)
    return os.fsdecode(path)


def test_a_name_of_any_bytes_is_listed_and_read(tmp_path: Path) -> None:
    for name in ("town/zähler.csv", b"town/z\xe4hler.csv", "town/a b%20c#d.csv", "town/it's [1]*?.csv", "town/a:b.csv"):
        put(tmp_path, name)
    files, notes = listed(tmp_path)
    assert set(files) == {
        "town/zähler.csv", "town/z\\xe4hler.csv", "town/a b%20c#d.csv", "town/it's [1]*?.csv", "town/a:b.csv",
    }  # fmt: skip
    assert set(files.values()) == {CONTENT}
    assert notes == []


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_the_locale_changes_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: dict[str, str]) -> None:
    put(tmp_path, "town/zähler.csv")
    for key, value in locale.items():
        monkeypatch.setenv(key, value)
    program = """
import sys, os
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.local_listing import LocalListing
for file in LocalListing(sys.argv[1], False).files():
    with Content.at(file.uri, file.path).open() as stream:
        print(ascii(file.path), len(stream.read()), os.sys.getfilesystemencoding())
"""
    name, size, encoding = python(program, tmp_path).split()
    assert (name, int(size)) == (ascii("town/zähler.csv"), len(CONTENT))
    assert encoding == ("utf-8" if "PYTHONUTF8" not in locale else encoding)


@pytest.mark.parametrize(
    ("year", "landed", "refused"),
    [
        (2300, LANDED_AFTER, "after 2200"),
        (1950, LANDED_BEFORE, "before 1970"),
        (2024, datetime(2024, 1, 1, tzinfo=UTC), None),
        (1970, datetime(1970, 1, 1, tzinfo=UTC), None),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, year: int, landed: datetime, refused: str | None
) -> None:
    seconds = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    os.utime(put(tmp_path, "town/a.csv"), (seconds, seconds))
    (file,) = LocalListing(str(tmp_path), False).files()
    assert file.landed_at_utc == landed
    offer = Offer(file.landed_at_utc, file.path, file.uri, file.size_bytes, "town")
    if refused is None:
        require_landing_time(offer)
    else:
        with pytest.raises(FileFault, match=refused) as fault:
            require_landing_time(offer)
        assert fault.value.rule_id == file_faults.FILE_TIME


@pytest.mark.parametrize(
    ("written", "landed"),
    [
        ("1969-12-31T23:59:59.999", LANDED_BEFORE),
        ("1970-01-01T00:00:00", "1970-01-01T00:00:00"),
        ("2200-12-31T23:59:59.999", "2200-12-31T23:59:59.999"),
        ("2201-01-01T00:00:00", LANDED_AFTER),
    ],
)
def test_a_file_lands_in_the_years_1970_to_2200(written: str, landed: datetime | str) -> None:
    milliseconds = int(np.datetime64(written, "ms").astype(np.int64))
    expected = datetime.fromisoformat(landed).replace(tzinfo=UTC) if isinstance(landed, str) else landed
    assert landed_at(milliseconds) == expected


def test_hidden_names_are_left_out_without_a_word(tmp_path: Path) -> None:
    for name in ("town/.a.csv", "town/_a.csv", ".hidden/a.csv", "_tmp/a.csv", "town/a_.csv"):
        put(tmp_path, name)
    assert listed(tmp_path) == ({"town/a_.csv": CONTENT}, [])


def test_links_are_followed_within_landing_loops_once_and_outside_only_where_allowed(tmp_path: Path) -> None:
    landing, outside = tmp_path / "landing", tmp_path / "landing-elsewhere"
    put(landing, "town/2024/a.csv")
    put(outside, "secret.csv")
    (landing / "town" / "loop").symlink_to(landing / "town")
    (landing / "town" / "2024" / "up").symlink_to("..")
    (landing / "town" / "itself").symlink_to("itself")
    (landing / "town" / "gone").symlink_to(landing / "nowhere")
    (landing / "weather").mkdir()
    (landing / "weather" / "a.csv").symlink_to(landing / "town" / "2024" / "a.csv")
    (landing / "town" / "out.csv").symlink_to(outside / "secret.csv")
    (landing / "out").symlink_to(outside)
    files, notes = listed(landing)
    assert set(files) == {"town/2024/a.csv", "weather/a.csv"}
    assert len(notes) == 4, notes
    assert sum("outside landing" in note for note in notes) == 2
    files, notes = listed(landing, links_out=True)
    assert set(files) == {"town/2024/a.csv", "weather/a.csv", "town/out.csv", "out/secret.csv"}


def test_what_is_no_file_is_told_and_does_not_block(tmp_path: Path) -> None:
    put(tmp_path, "town/a.csv")
    os.mkfifo(tmp_path / "town" / "pipe.csv")
    files, notes = listed(tmp_path)
    assert set(files) == {"town/a.csv"}
    assert "town/pipe.csv" in notes[0]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("town/closed/a.csv", "town/open/b.csv"):
        put(tmp_path, name)
    _deny(tmp_path / "town" / "closed", monkeypatch)
    files, notes = listed(tmp_path)
    assert set(files) == {"town/open/b.csv"}
    assert len(notes) == 1
    assert "town/closed" in notes[0]
    assert "Permission denied" in notes[0]


def _deny(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the right to read the folder away, also from root, whom its mode does not keep out."""
    folder.chmod(0)
    if os.access(folder, os.R_OK):
        scandir: Callable[[bytes], object] = os.scandir

        def refuse(path: bytes) -> object:
            if not stat.S_IMODE(os.stat(path).st_mode):  # noqa: PTH116  # by bytes
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)


SOURCE = """
format: csv
meter: {constant: m}
time: {column: t, interval_minutes: 60}
value: {column: v, unit: kWh}
fuel: gas
"""


def test_a_folder_named_like_a_source_is_told_and_the_others_are_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "x.yaml").mkdir()
    (tmp_path / "own.yaml").write_text(SOURCE, encoding="utf-8")
    assert "own" in load_sources(str(tmp_path))
    assert "x.yaml is a folder" in caplog.text


def test_a_yaml_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(BadConfig, match=r"x\.yaml cannot be read"):
        load_sources(str(tmp_path))
