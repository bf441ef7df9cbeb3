"""Messages of Kafka topics against what the nights expect, as they come: alerts within seconds."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import start_stream
from energy_lib.lake import Lake, Outcome
from energy_lib.streaming.pipeline.detect import detect_stream


def run(spark: SparkSession, config: Config, sources: Sequence[str], once: bool) -> Outcome:
    return detect_stream(Lake(spark, config.lake), config, sources, once=once)


def main(argv: Sequence[str] | None = None) -> int:
    return start_stream("detect_stream", "Tell alerts of the readings of Kafka sources until stopped.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
