"""Put Delta's jars and Spark defaults into the installed pyspark, once, at `make install`.

With them every entry point (spark-submit, spark-sql, pyspark, a standalone worker) finds Delta and the
right Python without flags or a dependency resolution at each start.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pyspark
from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

DEFAULTS = """\
spark.sql.extensions io.delta.sql.DeltaSparkSessionExtension
spark.sql.catalog.spark_catalog org.apache.spark.sql.delta.catalog.DeltaCatalog
spark.pyspark.python {python}
spark.pyspark.driver.python {python}
spark.driver.memory 3g
"""

LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{{HH:mm:ss}} %p %c{{1}}: %m%n
"""


# The rest of what Delta names (Hadoop, Parquet, logging) comes with Spark, in Spark's own versions.
NEEDED_GROUPS = ("io.delta", "io.unitycatalog", "com.fasterxml.jackson.datatype")


def main() -> None:
    home = Path(pyspark.__file__).parent
    jars = home / "jars"
    (home / "conf").mkdir(exist_ok=True)
    (home / "conf" / "spark-defaults.conf").write_text(DEFAULTS.format(python=sys.executable), encoding="utf-8")
    (home / "conf" / "log4j2.properties").write_text(LOGGING.format(), encoding="utf-8")
    if any(jars.glob("delta-spark*.jar")):
        return
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = configure_spark_with_delta_pip(builder).getOrCreate()
    resolved = [Path(uri.removeprefix("file://")) for uri in spark.conf.get("spark.jars", "").split(",")]
    spark.stop()
    for jar in resolved:
        group, _, name = jar.name.partition("_")
        if group in NEEDED_GROUPS:
            shutil.copy(jar, jars / name)
            print(f"installed {name}")


if __name__ == "__main__":
    main()
