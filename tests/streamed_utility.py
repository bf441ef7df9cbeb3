"""Readings of a few meters, sent as messages or landed as a file, and lakes made of either."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import yaml
from confluent_kafka import Producer
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period, parse_day
from energy_lib.lake import Lake, Outcome
from energy_lib.models.config import load_config
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.pipeline.ingest import ingest_stream
from jobs import clean, ingest

DAY = Period.day(parse_day("2024-06-03"))
SENT = datetime(2024, 6, 3, tzinfo=UTC)
LAYOUT = {
    "meter": {"column": "meter_id"},
    "time": {"column": "start", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
    "available": {"column": "sent"},
    "meters": {"zone": "Europe/Vienna", "country": "AT"},
}
# Where a row came from, and how it was written there: not what it says.
PROVENANCE = ("source", "file_id", "path", "row_number", "landed_at_utc", "landed_month", "raw_row", "reason")


def readings(meters: int, hours: int, first: datetime = datetime(2024, 6, 1, tzinfo=UTC)) -> list[bytes]:
    """One message for each meter and hour, sent ten minutes after the hour."""
    return [
        reading(f"m{meter}", first + timedelta(hours=hour), 1 + 0.25 * ((hour * 7 + meter) % 13))
        for hour in range(hours)
        for meter in range(meters)
    ]


def reading(meter: str, start: datetime, kwh: object, late: timedelta = timedelta(minutes=70)) -> bytes:
    sent = (start + late).isoformat()
    return json.dumps({"meter_id": meter, "start": start.isoformat(), "kwh": kwh, "sent": sent}).encode()


@dataclass(frozen=True)
class StreamedUtility:
    """A topic with its source's YAML and a config, and the same source for files."""

    broker: Broker
    topic: str
    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "landing" / "files").mkdir(parents=True, exist_ok=True)
        sources = self.folder / "sources"
        sources.mkdir(exist_ok=True)
        kafka = {"format": "kafka", "kafka": {"topic": self.topic}, **LAYOUT}
        (sources / "live.yaml").write_text(yaml.safe_dump(kafka), encoding="utf-8")
        (sources / "files.yaml").write_text(yaml.safe_dump({"format": "json_lines", **LAYOUT}), encoding="utf-8")
        settings = {
            "extends": str(Path(__file__).parents[1] / "conf" / "local.yaml"),
            "landing": str(self.folder / "landing"),
            "sources_dir": str(sources),
            "stream": {"bootstrap_servers": self.broker.bootstrap, "trigger_seconds": 0.2},
        }
        (self.folder / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    @property
    def config_file(self) -> str:
        return str(self.folder / "config.yaml")

    def config(self, lake: str, *settings: str) -> Config:
        return load_config(self.config_file, [f"lake={lake}", *settings])[0]

    def send(self, values: Iterable[bytes | None], sent: datetime = SENT, partition: int = -1) -> None:
        """Send messages, keyed by nothing: the partition is that given, or any (-1)."""
        producer = Producer({**self.broker.client(), "message.max.bytes": 8_000_000})
        for value in values:
            producer.produce(self.topic, value, timestamp=int(sent.timestamp() * 1000), partition=partition)
            producer.poll(0)
        assert producer.flush(120) == 0

    def land(self, values: Sequence[bytes], sent: datetime = SENT, name: str = "readings.jsonl") -> None:
        """Land the same as lines of a file."""
        path = self.folder / "landing" / "files" / name
        path.write_bytes(b"\n".join(values) + b"\n")
        os.utime(path, (sent.timestamp(), sent.timestamp()))

    def stream(self, lake: Lake, *settings: str) -> Outcome:
        """Read what the topic holds now."""
        return ingest_stream(lake, self.config(lake.root, *settings), ["live"], once=True)

    def night(self, spark: SparkSession, lake: Lake) -> None:
        """The steps of a night up to silver."""
        for job, run in (("ingest", ingest.run), ("clean", clean.run)):
            run_with_lease(job, spark, self.config(lake.root), DAY, run)


def content(lake: str | Path, table: str, leave_out: Sequence[str] = PROVENANCE) -> pl.DataFrame:
    """What the rows of a table say, in a fixed order."""
    rows = pl.read_delta(f"{lake}/{table.replace('.', '/')}")
    kept = rows.drop([name for name in leave_out if name in rows.columns])
    return kept.select(sorted(kept.columns)).sort(sorted(kept.columns), nulls_last=True)
