"""A query over the lake's tables, printed or written as CSV or Parquet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame, SparkSession

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome

ROWS_PRINTED = 1000


def query(spark: SparkSession, config: Config, statement: str) -> DataFrame:
    """The answer to one SQL statement over <layer>.<table>; raises BadConfig with Spark's first line."""
    Lake(spark, config.lake).register(all_tables())
    try:
        return spark.sql(statement)
    except (AnalysisException, ParseException) as error:
        raise BadConfig(f"The query was refused: {str(error).strip().splitlines()[0]}") from None


def write(answer: DataFrame, target: str) -> int:
    """Write the answer as one CSV or Parquet file (by its ending); returns the number of rows."""
    frame = answer.toPandas()
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if target.endswith(".csv"):
        frame.to_csv(target, index=False)
    elif target.endswith(".parquet"):
        frame.to_parquet(target, index=False)
    else:
        raise BadConfig(f"--output {target}: let it end in .csv or .parquet.")
    return len(frame)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sql", "Query the lake.")
    arguments.add_argument("statement", nargs="?", help='SQL, for instance "SELECT * FROM gold.scores"')
    arguments.add_argument("--output", help="file to write instead of printing: .csv or .parquet")
    given = arguments.parse_args(argv)

    def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
        if not given.statement:
            raise BadConfig('There is no query: give one, for instance "SHOW TABLES IN gold".')
        answer = query(spark, config, given.statement)
        if given.output:
            return Outcome(lines=[f"{write(answer, given.output)} rows in {given.output}"])
        return Outcome(lines=[answer.limit(ROWS_PRINTED).toPandas().to_string(index=False)])

    return start("sql", given, run, writes=False)


if __name__ == "__main__":
    sys.exit(main())
