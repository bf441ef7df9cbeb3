"""Plan many sites at once: their problems go to Spark's Python workers, a solver in each."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession

from energy_lib.insights.schedules.problem import Problem
from energy_lib.insights.schedules.rows import schedule_rows
from energy_lib.insights.schedules.solver import Solver
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables.answers.schedules import SCHEDULES


def planned_on_spark(spark: SparkSession, problems: Sequence[Problem]) -> pa.Table:
    """Rows of gold.schedules of the problems, each planned in whichever process has room."""
    packed = spark.createDataFrame([(bytearray(pickle.dumps(problem)),) for problem in problems], "problem binary")
    spread = packed.repartition(spark.sparkContext.defaultParallelism)
    return spread.mapInPandas(_planned, spark_schema(SCHEDULES)).toArrow()


def _planned(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    solver = Solver()
    for batch in batches:
        for packed in batch["problem"]:
            yield schedule_rows(pickle.loads(packed), solver)  # noqa: S301 our own workers wrote it
