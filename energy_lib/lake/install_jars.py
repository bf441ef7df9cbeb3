"""Put Delta's and Kafka's jars and Spark defaults into the installed pyspark, once, at `make install`.

With them every entry point (spark-submit, spark-sql, pyspark, a standalone worker) finds Delta, Kafka and the
right Python without flags or a dependency resolution at each start.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import files, version
from pathlib import Path

from energy_lib.errors import EnergyError
from energy_lib.lake.maven_jars import SPARK_JARS, retrieve

DEFAULTS = """\
spark.sql.extensions io.delta.sql.DeltaSparkSessionExtension
spark.sql.catalog.spark_catalog org.apache.spark.sql.delta.catalog.DeltaCatalog
spark.driver.memory 3g
"""
OWN_PYTHON = """\
spark.pyspark.python {python}
spark.pyspark.driver.python {python}
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

DELTA = f"io.delta:delta-spark_4.0_2.13:{version('delta-spark')}"
KAFKA = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0"
# The rest of what they name (Hadoop, Parquet, logging) comes with Spark, in Spark's own versions.
NEEDED_GROUPS = {
    DELTA: ("io.delta", "io.unitycatalog", "com.fasterxml.jackson.datatype"),
    KAFKA: ("org.apache.spark", "org.apache.kafka", "org.apache.commons"),
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(prog="python -m energy_lib.lake.install_jars", description=__doc__)
    arguments.add_argument(
        "--relocatable", action="store_true", help="leave Python's path out: the environment will be moved"
    )
    defaults = DEFAULTS if arguments.parse_args(argv).relocatable else DEFAULTS + OWN_PYTHON
    conf = SPARK_JARS.parent / "conf"
    conf.mkdir(exist_ok=True)
    (conf / "spark-defaults.conf").write_text(defaults.format(python=sys.executable), encoding="utf-8")
    (conf / "log4j2.properties").write_text(LOGGING.format(), encoding="utf-8")
    try:
        for coordinates, groups in NEEDED_GROUPS.items():
            for name in install(coordinates, groups, SPARK_JARS):
                print(f"installed {name}")
    except EnergyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def install(coordinates: str, groups: tuple[str, ...], jars: Path) -> list[str]:
    """Copy into `jars` what is needed of these groups and does not come with Spark; the names of the copied.

    Older copies of the same go. The package's own jar comes last: where it is, the others are.
    """
    _, artifact, number = coordinates.split(":")
    own = f"{artifact}-{number}.jar"
    if (jars / own).exists():
        return []
    shipped = {file.name for file in files("pyspark") or () if file.name.endswith(".jar")}
    with_spark = {_artifact(name) for name in shipped}
    installed = []
    with tempfile.TemporaryDirectory() as scratch:
        for jar in sorted(retrieve(coordinates, Path(scratch)), key=lambda jar: jar.name == own):
            if jar.parent.name not in groups or _artifact(jar.name) in with_spark:
                continue
            for old in jars.glob("*.jar"):
                if old.name not in shipped and _artifact(old.name) == _artifact(jar.name):
                    old.unlink()
            part = jars / f".{jar.name}.part"
            shutil.copy(jar, part)
            part.replace(jars / jar.name)
            installed.append(jar.name)
    return installed


def _artifact(name: str) -> str:
    """`kafka-clients` of kafka-clients-3.9.0.jar."""
    return re.sub(r"-\d[^-]*(-[^-]*)*\.jar$", "", name)


if __name__ == "__main__":
    sys.exit(main())
