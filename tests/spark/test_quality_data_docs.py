"""Gate results go to ops.runs, of refused runs too, and from there to Data Docs."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from gate_results import make_site
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_and_record
from energy_lib.errors import GateRefused
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.quality import gate, write_data_docs
from energy_lib.tables import ops, silver

PERIOD = Period.day(date(2024, 3, 2))
HOUR = datetime(2024, 3, 1, tzinfo=UTC)
PRICE = ("agile", "electricity", HOUR, 60, 0.2, "GBP", datetime(2024, 3, 1, 1, tzinfo=UTC), HOUR, "file")


def prices(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Two batches of one table."""
    rows = spark.createDataFrame([PRICE], spark_schema(silver.PRICES))
    return Outcome(gates=[gate(rows, silver.PRICES), gate(rows.limit(0), silver.PRICES)])


def pence(spark: SparkSession, config: Config, period: Period) -> Outcome:
    wrong = (*PRICE[:4], 24.5, *PRICE[5:])
    return Outcome(gates=[gate(spark.createDataFrame([wrong], spark_schema(silver.PRICES)), silver.PRICES)])


def test_every_gate_is_in_the_ledger_and_on_a_page(lake: Lake) -> None:
    run_and_record("ingest", lake, Config(), PERIOD, prices, "ingest-good")
    with pytest.raises(GateRefused):
        run_and_record("ingest", lake, Config(), PERIOD, pence, "ingest-refused")

    kept = {row["run_id"]: json.loads(row["gate_results"]) for row in lake.small_tables.rows(ops.RUNS)}
    assert [gate["success"] for gate in kept["ingest-good"]] == [True, True]
    (failed,) = kept["ingest-refused"][0]["failed"]
    assert (failed["column"], failed["unexpected_count"]) == ("price_per_kwh", 1)
    assert failed["examples"][0]["price_per_kwh"] == 24.5

    first_page = Path(write_data_docs(lake))

    pages = {path.name: path.read_text() for path in first_page.parent.rglob("silver.prices-*.html")}
    assert "silver.prices" in first_page.read_text()
    good = {"silver.prices-ingest-good.html", "silver.prices-ingest-good-2.html"}
    assert set(pages) == {*good, "silver.prices-ingest-refused.html"}
    assert "price_per_kwh=24.5" in pages["silver.prices-ingest-refused.html"]
    assert "price_per_kwh=24.5" not in pages["silver.prices-ingest-good.html"]


def test_the_pages_load_nothing_and_say_what_gx_would(tmp_path: Path) -> None:
    first_page = make_site(tmp_path)
    pages = {path.name: path.read_text() for path in first_page.parent.rglob("*") if path.is_file()}
    assert set(pages) == {"index.html", "silver.prices-ingest-1.html", "silver.prices-ingest #2.html"}
    for html in pages.values():
        assert "http:" not in html
        assert "https:" not in html
        assert not re.search(r"<(script|img|iframe|object)|@import|url\(", html)
        assert re.findall(r'<link [^>]*href="([^"]*)"', html) == ["data:,"]
    refused = pages["silver.prices-ingest #2.html"]
    assert "price_per_kwh values must be greater than or equal to -5 and less than or equal to 5." in refused
    # What is broken comes first; what GX has no words for is said by its name.
    assert refused.index("24.5") < refused.index("expect_something_of_our_own")
    assert "&lt;script&gt;alert" in refused
    # The newest gate comes first, with a link to its page.
    index = pages["index.html"]
    assert index.index("ingest #2") < index.index("ingest-1")
    assert 'href="gates/silver.prices-ingest%20%232.html"' in index
    assert re.findall(r'class="state (\w+)"', index) == ["refused", "warning"]
