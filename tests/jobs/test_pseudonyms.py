"""A lake of homes with pseudonyms: no id in any byte, the tables of one without, and a new key as the docs have it."""

from __future__ import annotations

import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from byte_search import files_with
from homes import BUILDINGS, DAY, FIRST, IDS, Homes, readings, row
from lake_content import canonical, tables_of
from pyspark.sql import SparkSession
from small_utility import REPOSITORY, environment, kill
from test_ingest_killed import caught_at

from energy_lib.entry import run_with_lease
from energy_lib.errors import BadConfig, InputMissing, TryAgain
from energy_lib.insights.anomalies.versions import anomaly_id
from energy_lib.insights.recommendations.ranking import recommendation_id
from energy_lib.lake import Lake
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables import bronze
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES, RECOMMENDATIONS
from energy_lib.tables.arrow import arrow_schema
from jobs import ingest, reidentify, renew_pseudonyms

QUICK = ("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC")
NAMES = (*IDS, *BUILDINGS, "MPRN-9999")
# Of a row that broke a rule these are withheld, and the name of its file is another.
WITHHELD = ("raw_row", "raw_value", "raw_timestamp", "reason", "path")


def named(rows: pl.DataFrame, keys: KeyRing) -> pl.DataFrame:
    """The rows with pseudonyms in the place of ids, and without what the door withholds."""
    pseudonyms = {name: keys.pseudonym(name) for name in NAMES}
    texts = [name for name, kind in rows.schema.items() if kind == pl.String]
    return canonical(rows.with_columns(pl.col(name).replace(pseudonyms) for name in texts).drop(WITHHELD, strict=False))


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    made = Homes(tmp_path)
    made.land_all()
    return made


def answers(lake: Lake, meter: str) -> None:
    """An anomaly, a recommendation and what somebody said of it, as the nights leave them."""
    found = row(ANOMALIES, meter_id=meter, type="leak", evidence=[f"near {meter}, odd"])
    found["anomaly_id"] = anomaly_id(meter, "leak", FIRST)
    advice = recommendation_id("leak", "meter", meter, "electricity")
    offer = row(RECOMMENDATIONS, recommendation_id=advice, action="leak", scope_kind="meter", scope_id=meter)
    offer |= {"fuel": "electricity", "meters": [meter]}
    said = row(RECOMMENDATION_STATES, recommendation_id=advice)
    for table, made in ((ANOMALIES, found), (RECOMMENDATIONS, offer), (RECOMMENDATION_STATES, said)):
        lake.append(table, pa.Table.from_pylist([made], arrow_schema(table)))


def test_a_lake_with_pseudonyms_is_that_without_but_for_the_names(spark: SparkSession, homes: Homes) -> None:
    with_, keys = homes.folder / "with", homes.write_keys(1)
    homes.night(spark, with_)
    plain = Homes(homes.folder, pseudonymize=False)
    plain.night(spark, homes.folder / "without")
    ours, theirs = tables_of(with_), tables_of(homes.folder / "without")
    assert theirs["silver.readings"].height == 3 * 48 + 24
    assert set(theirs["silver.quarantine"]["rule_id"]) > {"unparseable_timestamp"}
    for name in ("bronze.readings", "silver.meters", "silver.readings", "silver.hourly_readings"):
        assert named(theirs[name], keys).equals(canonical(ours[name].drop(WITHHELD, strict=False)), null_equal=True), (
            name
        )
    assert files_with([homes.folder / "without"], NAMES) != []
    assert files_with([with_], NAMES) == []
    # Files are known again by their pseudonyms.
    again = Homes(homes.folder)
    outcome = run_with_lease("ingest", spark, again.config(with_), DAY, ingest.run)
    assert outcome.lines == [f"Nothing new in {homes.landing}."]


def test_a_new_key_renews_the_whole_lake_also_after_a_kill(spark: SparkSession, homes: Homes) -> None:
    path, old = homes.folder / "lake", homes.write_keys(1)
    homes.night(spark, path)
    lake = Lake(spark, str(path))
    answers(lake, old.pseudonym(IDS[0]))
    new = homes.write_keys(2)
    with pytest.raises(BadConfig, match=r"have version 2 and .* has 1"):
        ingest.run(spark, homes.config(path), DAY)
    words = [word for setting in homes.settings(path) for word in ("--set", setting)]
    command = ["spark-submit", *QUICK, "jobs/renew_pseudonyms.py", "--config", "conf/local.yaml", *words]
    version = lake.version(bronze.READINGS)
    killed = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        caught_at(killed, path, bronze.READINGS, version + 1, signal.SIGKILL)
    finally:
        kill(killed)
    with pytest.raises(TryAgain, match="are being renewed"):
        ingest.run(spark, homes.config(path), DAY)
    run_with_lease("renew_pseudonyms", spark, homes.config(path), DAY, renew_pseudonyms.run)
    before = [old.pseudonym(name) for name in (*NAMES, *(file.name for file in homes.landing.rglob("*.csv")))]
    assert files_with([path], [*before, *NAMES]) == []
    homes.night(spark, homes.folder / "anew")
    ours, anew = tables_of(path), tables_of(homes.folder / "anew")
    for name, rows in anew.items():
        assert ours[name].equals(rows, null_equal=True), name
    meter = new.pseudonym(IDS[0])
    (found,) = ours["gold.anomalies"].to_dicts()
    assert (found["meter_id"], found["anomaly_id"]) == (meter, anomaly_id(meter, "leak", FIRST))
    assert found["evidence"] == f"near {meter}, odd"
    advice = recommendation_id("leak", "meter", meter, "electricity")
    for name in ("recommendations", "recommendation_states"):
        assert ours[f"gold.{name}"]["recommendation_id"].to_list() == [advice], name
    versions = {name: lake.version(table) for name, table in (("bronze", bronze.READINGS), ("anomalies", ANOMALIES))}
    run_with_lease("renew_pseudonyms", spark, homes.config(path), DAY, renew_pseudonyms.run)
    assert versions == {"bronze": lake.version(bronze.READINGS), "anomalies": lake.version(ANOMALIES)}
    # The next night goes on as if nothing had been.
    homes.land("homes/next.csv", readings(IDS[:1], FIRST + timedelta(days=3), 24), FIRST + timedelta(days=5))
    homes.night(spark, path)
    mine = tables_of(path)["silver.readings"].filter(pl.col("meter_id") == meter)
    assert mine.height == 48 + 24 + 24


def test_an_officer_names_a_pseudonym_and_nobody_else(homes: Homes, tmp_path: Path) -> None:
    config, keys = homes.config(tmp_path / "lake"), homes.write_keys(1)
    register = tmp_path / "ids.txt"
    register.write_text("\n".join(IDS), encoding="utf-8")
    pseudonym = keys.pseudonym(IDS[2])
    assert reidentify.run(config, pseudonym, str(register), None).lines == [IDS[2]]
    assert reidentify.run(config, None, None, IDS[2]).lines == [pseudonym]
    with pytest.raises(InputMissing, match="None of the ids"):
        reidentify.run(config, keys.pseudonym("another"), str(register), None)
    with pytest.raises(BadConfig, match="no pseudonym of version 1"):
        reidentify.run(config, IDS[0], str(register), None)
    other = homes.config(tmp_path / "lake", "privacy.officers=[somebody]")
    with pytest.raises(BadConfig, match="may not name the meter behind a pseudonym"):
        reidentify.run(other, pseudonym, str(register), None)
