"""Landing files: the same seed gives the same bytes and the same modification times."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.intervals import midnight_utc
from energy_lib.simulation.injected_faults import UNKNOWN_METER, iso_stamps
from energy_lib.simulation.portfolio import Registry

READINGS_HEADER = "meter_id,building_id,fuel,flow,interval_start,interval_minutes,energy_kwh,quality,received_at"
LANDS_AFTER_DAY_END = timedelta(minutes=30)
UNREGISTERED = ("ghost-1", "ghost-b1", "electricity", "import")


class Folder:
    """A landing folder: writes files below it, each whole or not at all, and keeps their paths in `written`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: set[Path] = set()

    def write(self, name: str, content: bytes, landed: datetime) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        os.utime(part, (landed.timestamp(), landed.timestamp()))
        part.replace(path)
        self.written.add(path)

    def remove_stale_files(self, folders: Iterable[str]) -> None:
        """Remove from these folders the files of an earlier simulation with other settings."""
        for folder in folders:
            for path in sorted((self.root / folder).glob("*")):
                if path.is_file() and path not in self.written:
                    path.unlink()


def landing_time(day: pd.Timestamp) -> datetime:
    """When a day's file lands: half an hour after the day."""
    return midnight_utc(day.date()) + timedelta(days=1) + LANDS_AFTER_DAY_END


def reading_lines(rows: pd.DataFrame, registry: Registry) -> NDArray[Any]:
    """CSV lines of the rows in their order, without line ends."""
    meters = registry.meters
    points = pd.Series(registry.points, index=meters.index)
    heads = (points + "," + meters["building_id"] + "," + meters["fuel"] + "," + meters["flow"]).to_numpy(dtype=object)
    heads = np.append(heads, ",".join(UNREGISTERED))  # the last, which UNKNOWN_METER selects
    assert UNKNOWN_METER == -1
    start = np.where(rows["start_text"] == "", iso_stamps(rows["start"].to_numpy()), rows["start_text"])
    value = np.where(rows["value_text"] == "", [f"{kwh:.3f}" for kwh in rows["kwh"].to_numpy()], rows["value_text"])
    received = iso_stamps(rows["received"].to_numpy())
    columns = (heads[rows["meter"].to_numpy()], start, rows["minutes"].to_numpy(), value, rows["quality"], received)
    return np.array([f"{h},{s},{m},{v},{q},{r}" for h, s, m, v, q, r in zip(*columns, strict=True)], dtype=object)


def write_readings(folder: Folder, rows: pd.DataFrame, registry: Registry, ragged_every: int | None) -> None:
    """Write one file a day, its lines in the order of intervals.

    Every `ragged_every`-th file ends with a line that is cut short (None: no file does).
    """
    rows = rows.sort_values(["file_day", "start", "meter", "rank"], kind="stable", ignore_index=True)
    lines = reading_lines(rows, registry)
    days, first = np.unique(rows["file_day"].to_numpy(), return_index=True)
    for number, (day, part) in enumerate(zip(days, np.split(lines, first[1:]), strict=True)):
        body = list(part)
        if ragged_every and number % ragged_every == ragged_every - 1:
            # The cut line repeats a whole one, so no reading is lost.
            body.append(",".join(str(body[len(body) // 2]).split(",")[:4]))
        when = pd.Timestamp(day)
        name = f"simulator/readings-{when:%Y-%m-%d}.csv"
        folder.write(name, "\n".join([READINGS_HEADER, *body, ""]).encode(), landing_time(when))


def write_monthly(folder: Folder, source: str, stem: str, frame: pd.DataFrame, by: str) -> None:
    """Write reference data: one file for each month of column `by`; it lands after the last day in it."""
    text = frame.copy()
    for name in frame.columns[[dtype.kind == "M" for dtype in frame.dtypes]]:
        text[name] = iso_stamps(frame[name].to_numpy())
    month = frame[by].dt.strftime("%Y-%m")
    for label, part in text.groupby(month, sort=True):
        landed = landing_time(frame.loc[part.index, by].max())
        folder.write(f"{source}/{stem}-{label}.csv", part.to_csv(index=False, lineterminator="\n").encode(), landed)


def write_broken_files(folder: Folder, rows: pd.DataFrame, registry: Registry) -> dict[str, int]:
    """Write three files that cannot be read. Their readings are also in files that can be, so nothing is lost.

    Returns the number of files by the rule that should reject them.
    """
    days = np.unique(rows["file_day"].to_numpy())
    resent_days = [pd.Timestamp(day) for day in days[[len(days) // 4, len(days) // 2, 3 * len(days) // 4]]]
    contents = []
    for day in resent_days:
        same = rows[(rows["file_day"] == day) & (rows["meter"] == 0)]
        contents.append("\n".join([READINGS_HEADER, *reading_lines(same, registry), ""]).encode())
    packed = gzip.compress(contents[0], mtime=0)
    not_utf8 = contents[2].replace(b"measured", b"mesur\xe9", 1)
    broken = ((".gz", packed[: len(packed) * 2 // 3]), ("", b""), ("", not_utf8))
    for day, (ending, content) in zip(resent_days, broken, strict=True):
        folder.write(f"simulator/readings-{day:%Y-%m-%d}-resent.csv{ending}", content, landing_time(day))
    return {"file_truncated": 1, "file_empty": 1, "file_encoding": 1}
