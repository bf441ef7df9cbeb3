"""Of what a package names, only what Spark lacks is put beside Spark's jars, and the package's own jar last."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_lib.errors import TryAgain
from energy_lib.lake import install_jars, maven_jars

RESOLVED = (
    "org.apache.spark/spark-sql-kafka-0-10_2.13-4.0.0.jar",
    "org.apache.spark/spark-tags_2.13-4.0.0.jar",  # comes with Spark, in its own version
    "org.apache.kafka/kafka-clients-3.9.0.jar",
    "org.apache.hadoop/hadoop-client-api-3.4.1.jar",  # of no group that is needed
)


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def retrieve(coordinates: str, folder: Path) -> list[Path]:
        for name in RESOLVED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(coordinates)
        return sorted(folder.rglob("*.jar"))

    monkeypatch.setattr(install_jars, "retrieve", retrieve)
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("spark-tags_2.13-4.0.5.jar", "kafka-clients-3.8.0.jar"):
        (folder / name).touch()
    return folder


def install(jars: Path) -> list[str]:
    return install_jars.install(install_jars.KAFKA, install_jars.NEEDED_GROUPS[install_jars.KAFKA], jars)


def test_only_what_spark_lacks_is_installed_and_an_older_copy_goes(jars: Path) -> None:
    assert install(jars) == ["kafka-clients-3.9.0.jar", "spark-sql-kafka-0-10_2.13-4.0.0.jar"]
    there = sorted(path.name for path in jars.iterdir())
    assert there == [
        "kafka-clients-3.9.0.jar", "spark-sql-kafka-0-10_2.13-4.0.0.jar", "spark-tags_2.13-4.0.5.jar"
    ]  # fmt: skip
    assert install(jars) == []


def test_an_installation_that_was_cut_off_is_finished(jars: Path) -> None:
    install(jars)
    (jars / "spark-sql-kafka-0-10_2.13-4.0.0.jar").unlink()
    (jars / "kafka-clients-3.9.0.jar").unlink()
    assert len(install(jars)) == 2


def test_a_repository_that_does_not_answer_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFAULT_ARTIFACT_REPOSITORY", "http://127.0.0.1:9/")
    monkeypatch.setattr(maven_jars, "CACHE", tmp_path / "cache")
    with pytest.raises(TryAgain, match=r"nothing:1 could not be had .*refused.*DEFAULT_ARTIFACT_REPOSITORY"):
        maven_jars.retrieve("org.nowhere:nothing:1", tmp_path / "jars")
