"""A few homes with two sources' YAMLs, files with faults, and lakes made of them; keys of pseudonyms beside."""

from __future__ import annotations

import base64
import getpass
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period, parse_day
from energy_lib.models.config import load_config
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables import Table
from jobs import clean, ingest

KEYS = (bytes(range(32)), bytes(range(100, 132)))
IDS = ("MPRN-1001", "MPRN-1002", "MPRN-1003")
BUILDINGS = ("Oak-Street-1", "Oak-Street-2")
DAY = Period.day(parse_day("2024-06-30"))
FIRST = datetime(2024, 6, 1, tzinfo=UTC)
READINGS: dict[str, Any] = {
    "format": "csv",
    "meter": {"column": "meter"},
    "building": "building",
    "time": {"column": "start", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
    "available": {"after_interval_end_minutes": 0},
}
REGISTER = {
    "format": "csv",
    "kind": "meters",
    "columns": {name: {"column": name} for name in ("meter_id", "fuel", "zone", "building_id", "use")},
}


@dataclass(frozen=True)
class Homes:
    """A folder with landing, sources and keys; lakes are made in it."""

    folder: Path
    pseudonymize: bool = True

    def __post_init__(self) -> None:
        for name in ("homes", "register"):
            (self.folder / "landing" / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "sources").mkdir(exist_ok=True)
        for name, keys in (("homes", READINGS), ("register", REGISTER)):
            text = yaml.safe_dump({**keys, "pseudonymize": self.pseudonymize})
            (self.folder / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")
        self.write_keys(1)

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    def write_keys(self, count: int) -> KeyRing:
        lines = (f"{n} {base64.b64encode(key).decode()}\n" for n, key in enumerate(KEYS[:count], start=1))
        (self.folder / "keys").write_text("".join(lines), encoding="utf-8")
        return KeyRing(KEYS[:count])

    def settings(self, lake: Path, *more: str) -> list[str]:
        named = {
            "landing": self.landing,
            "sources_dir": self.folder / "sources",
            "privacy.keys_file": self.folder / "keys",
        }
        own = [f"lake={lake}", *(f"{key}={value}" for key, value in named.items())]
        return [*own, f"privacy.officers=[{getpass.getuser()}]", *more]

    def config(self, lake: Path, *more: str) -> Config:
        return load_config("conf/local.yaml", self.settings(lake, *more))[0]

    def land(self, name: str, text: str, landed: datetime = FIRST + timedelta(days=3)) -> Path:
        path = self.landing / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (landed.timestamp(), landed.timestamp()))
        return path

    def land_all(self) -> None:
        """A register; two days of all meters; a file named after a meter; rows and a file that are broken."""
        rows = "".join(f"{id_},electricity,Europe/London,{BUILDINGS[i // 2]},dwelling\n" for i, id_ in enumerate(IDS))
        self.land("register/meters.csv", f"meter_id,fuel,zone,building_id,use\n{rows}")
        self.land("homes/all.csv", readings(IDS, FIRST, 48))
        shifted = (
            f"{IDS[0]},{BUILDINGS[0]},{IDS[0]},1.5",
            f"{BUILDINGS[0]},2024-06-02T00:00:00Z,{IDS[0]}",
            f"MPRN-9999,,x,{IDS[1]}\n",
        )
        more = readings(IDS[:1], FIRST + timedelta(days=2), 24)
        self.land(f"homes/{IDS[0]}.csv", more + "\n".join(shifted))
        self.land(f"homes/of {IDS[1]}.csv", f"{IDS[1]},{BUILDINGS[0]}\n1,2\n")

    def night(self, spark: SparkSession, lake: Path, *more: str) -> None:
        for job, run in (("ingest", ingest.run), ("clean", clean.run)):
            run_with_lease(job, spark, self.config(lake, *more), DAY, run)


def readings(ids: tuple[str, ...], first: datetime, hours: int) -> str:
    lines = ["meter,building,start,kwh"]
    for hour in range(hours):
        for place, id_ in enumerate(ids):
            start = (first + timedelta(hours=hour)).isoformat()
            lines.append(f"{id_},{BUILDINGS[IDS.index(id_) // 2]},{start},{1 + (hour * 7 + place) % 13 / 8}")
    return "\n".join(lines) + "\n"


def row(table: Table, **values: object) -> dict[str, object]:
    """A row of any table: what is given, and plain values where a column may not be null."""
    plain: dict[str, object] = {"timestamp": FIRST, "date": FIRST.date(), "boolean": False, "array<string>": []}
    plain |= {"string": "x", "int": 1, "long": 1, "float": 0.5, "double": 0.5}
    needed = {c.name: c.allowed[0] if c.allowed else plain[c.type] for c in table.columns if not c.nullable}
    return {**needed, **values}
