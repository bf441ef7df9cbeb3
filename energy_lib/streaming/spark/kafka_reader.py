"""Spark's Kafka source, told where to begin."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.config import StreamConfig
from energy_lib.streaming.connection import reader_options
from energy_lib.streaming.topics import Topic

FROM_THE_FIRST = -2


def read_stream(spark: SparkSession, stream: StreamConfig, topic: Topic, begin: Mapping[int, int]) -> DataFrame:
    """The messages from the offsets `begin` on; of other partitions all that there are."""
    offsets = {str(partition): begin.get(partition, FROM_THE_FIRST) for partition in topic.partitions}
    options = {
        **reader_options(stream),
        "subscribe": topic.name,
        "startingOffsets": json.dumps({topic.name: offsets}),
        "maxOffsetsPerTrigger": str(stream.max_messages),
        # Several tasks for a topic of one partition.
        "minPartitions": str(spark.sparkContext.defaultParallelism),
        "failOnDataLoss": str(stream.fail_on_data_loss).lower(),
        # Brokers that are away are the job's to wait for.
        "fetchOffset.numRetries": "2",
        "kafka.default.api.timeout.ms": "40000",
        "kafka.request.timeout.ms": "20000",
    }
    return spark.readStream.format("kafka").options(**options).load()


def messages_of(batch: DataFrame, topic: Topic) -> DataFrame:
    """A micro-batch of that source with the columns of MESSAGES."""
    return batch.select(F.lit(topic.id).alias("topic_id"), "partition", "offset", "timestamp", "value")
