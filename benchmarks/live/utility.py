"""A broker, a topic of readings of many meters, and a lake whose nights have said what their hours are held against."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml
from confluent_kafka import Producer

from benchmarks.online_detection import day_limits
from energy_lib.config import Config
from energy_lib.lake.small_tables import SmallTables
from energy_lib.models.config import load_config
from energy_lib.simulation.live.broker import Broker
from energy_lib.tables import silver
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS
from energy_lib.tables.arrow import arrow_schema

FIRST = pd.Timestamp("2024-06-03", tz="UTC")
HOUR = pd.Timedelta(hours=1)
ROOT = Path(__file__).parents[2]
SOURCE, ALERT_TOPIC = "bench", "bench.alerts"
LAYOUT = {
    "format": "kafka",
    "meter": {"column": "meter_id"},
    "time": {"column": "start", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
    "meters": {"zone": "UTC", "country": "GB", "capacity_kw": 10_000},
}


@dataclass(frozen=True)
class LiveUtility:
    """`folder` holds the lake, the config and the source's YAML."""

    broker: Broker
    folder: Path
    meters: int

    def prepare(self, topic: str) -> None:
        """A topic, its source and config, registered meters, and two nights' limits."""
        self.broker.ensure_topic(topic)
        self.broker.ensure_topic(ALERT_TOPIC)
        for name in ("sources", "landing"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        source = {**LAYOUT, "kafka": {"topic": topic}}
        (self.folder / "sources" / f"{SOURCE}.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
        settings = {
            "extends": str(ROOT / "conf" / "local.yaml"),
            "lake": str(self.folder / "lake"),
            "landing": str(self.folder / "landing"),
            "sources_dir": str(self.folder / "sources"),
            "stream": {"bootstrap_servers": self.broker.bootstrap, "alert_topic": ALERT_TOPIC},
        }
        self.config_file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        tables = SmallTables(str(self.folder / "lake"))
        for table in (DAY_LIMITS, ALERTS, silver.METERS):
            tables.create_empty(table, {})
        for day in range(4):
            limits = day_limits(self.meters, FIRST + day * 24 * HOUR, "UTC")
            rows = limits.assign(rule_version="bench", readings_version=0, temperature_c=np.nan)
            tables.append(DAY_LIMITS, pa.Table.from_pandas(rows, schema=arrow_schema(DAY_LIMITS), preserve_index=False))

    @property
    def config_file(self) -> Path:
        return self.folder / "config.yaml"

    def config(self, *settings: str) -> Config:
        return load_config(str(self.config_file), list(settings))[0]

    def producer(self) -> Producer:
        return Producer({**self.broker.client(), "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})

    def send_hours(self, topic: str, hours: range, faults: float = 0.01) -> int:
        """Messages of all meters for some hours; a share of the meters read thirty times as much in the twentieth."""
        producer, sent = self.producer(), 0
        for hour in hours:
            for place, value in enumerate(self.values(hour, faults)):
                moment = FIRST + (hour + 1) * HOUR
                send(producer, topic, place, hour, value, moment)
                sent += 1
        producer.flush()
        return sent

    def values(self, hour: int, faults: float) -> Iterator[float]:
        rng = np.random.default_rng(hour)
        kwh = rng.normal(20.0, 1.0, self.meters)
        if hour % 24 == 19:
            kwh[: int(faults * self.meters)] *= 30
        return iter(np.round(kwh, 3).tolist())


def meter_id(place: int) -> str:
    return f"meter-{place:07d}"


def send(producer: Producer, topic: str, place: int, hour: int, kwh: float, moment: pd.Timestamp) -> None:
    start = (FIRST + hour * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = json.dumps({"meter_id": meter_id(place), "start": start, "kwh": kwh}).encode()
    while True:
        try:
            producer.produce(topic, body, meter_id(place).encode(), timestamp=int(moment.timestamp() * 1000))
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.1)
            time.sleep(0.01)
