"""Messages of Kafka topics into bronze.readings, as they come: each exactly once, beside the night."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import start_stream
from energy_lib.lake import Lake, Outcome
from energy_lib.streaming.pipeline.ingest import ingest_stream


def run(spark: SparkSession, config: Config, sources: Sequence[str], once: bool) -> Outcome:
    return ingest_stream(Lake(spark, config.lake), config, sources, once=once)


def main(argv: Sequence[str] | None = None) -> int:
    return start_stream("ingest_stream", "Read the topics of Kafka sources into the lake until stopped.", run, argv)


if __name__ == "__main__":
    sys.exit(main())
