"""--print-config under spark-submit shows what Spark gets, not what the config would like."""

from __future__ import annotations

import subprocess

from small_utility import REPOSITORY, environment


def test_the_master_and_memory_of_spark_submit_are_shown_as_in_force() -> None:
    given = ("--set", "spark.master=local[7]", "--set", "spark.conf.spark.driver.memory=9g")
    command = ("--master", "local[3]", "--driver-memory", "700m", "jobs/simulate.py", "--config", "conf/local.yaml")
    shown = subprocess.run(
        ["spark-submit", *command, *given, "--print-config"],
        cwd=REPOSITORY, env=environment(), check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert "spark.master = 'local[3]'  # spark-submit (--master)" in shown
    assert "spark.conf.spark.driver.memory = '700m'  # spark-submit (--conf)" in shown
    assert "spark.conf.spark.sql.session.timeZone = 'UTC'  # always" in shown
    assert "spark.conf.spark.sql.shuffle.partitions = '8'  # conf/local.yaml" in shown
