"""A lake of many meters, invented by DuckDB for the report alone: four weeks of news after a month of history.

Rows lie as nights write them, by day. Two meters of three are electricity. What no page asks for is null or plain.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from energy_lib.catalog import tables_by_name
from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema
from energy_lib.vocabulary import QUANTILES

TABLES = tables_by_name()
DAY = date(2024, 6, 1)
ROWS_OF_A_BATCH = 500_000
# Where a column may not be null and a query does not say it.
PLAIN = {
    "string": "'x'", "boolean": "false", "int": "1", "long": "1", "float": "0.0", "double": "1.0",
    "date": f"DATE '{DAY}'", "timestamp": f"TIMESTAMP '{DAY}'", "array<string>": "[]::VARCHAR[]",
    "map<string,long>": "MAP([]::VARCHAR[], []::BIGINT[])",
}  # fmt: skip
ENERGY = "round(0.2 + 0.8 * random() + CASE WHEN hour(hour_utc) BETWEEN 7 AND 18 THEN 0.5 ELSE 0 END, 4)"
METER = "'m' || m.i AS meter_id, CASE m.i % 3 WHEN 2 THEN 'gas' ELSE 'electricity' END AS fuel, 'import' AS flow"
SCOPE = "CASE WHEN fuel = 'gas' THEN 'scope_1' ELSE 'scope_2' END AS scope"


def make_lake(root: Path, meters: int, days: int) -> None:
    """Write every table that the pages ask for, of `days` days up to DAY's origin."""
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(f"CREATE TABLE m AS SELECT range AS i FROM range({meters})")
        connection.execute(
            f"CREATE TABLE h AS SELECT unnest(range(TIMESTAMP '{DAY - timedelta(days=days)}', TIMESTAMP '{DAY}', "
            "INTERVAL 1 HOUR)) AS hour_utc"
        )
        for name, query in {**_readings(), **_forecasts(), **_answers(meters)}.items():
            _write(connection, root, TABLES[name], query)


def _readings() -> dict[str, str]:
    hours = (
        f"SELECT {METER}, hour_utc AS interval_start_utc, {ENERGY} AS energy_kwh FROM h CROSS JOIN m ORDER BY hour_utc"
    )
    return {
        "silver.meters": f"""
            SELECT {METER}, 'Europe/London' AS zone, 'b' || i // 3 AS building_id, 's' || i // 300 AS site_id,
                   'registry' AS registered_by, CASE i // 3 % 3 WHEN 0 THEN 'office' WHEN 1 THEN 'shop' ELSE 'dwelling'
                   END AS "use", 200.0 AS floor_area_m2, 'w' AS weather_location_id, 'GB' AS carbon_region,
                   'a' || i // 1000 AS area_id FROM m""",
        "silver.weather": """
            SELECT 'w' AS location_id, 'observed' AS kind, hour_utc AS interval_start_utc, hour_utc AS available_at_utc,
                   8 + 6 * random() AS temperature_c FROM h""",
        "silver.carbon_intensity": """
            SELECT 'GB' AS region, method, hour_utc AS interval_start_utc, hour_utc AS available_at_utc,
                   150 + 100 * random() AS intensity_gco2_per_kwh
            FROM h, (VALUES ('average'), ('marginal')) v(method)""",
        "silver.hourly_readings": f"""
            SELECT *, energy_kwh AS measured_kwh,
                   CASE WHEN energy_kwh < 0.22 THEN 'imputed' ELSE 'measured' END AS quality,
                   CASE WHEN quality = 'imputed' THEN 1.0 ELSE 0.0 END AS imputed_share,
                   date_trunc('month', interval_start_utc) AS interval_month FROM ({hours})""",
        "silver.readings": f"""
            SELECT *, 60 AS interval_minutes, 'measured' AS quality, 'files' AS source,
                   interval_start_utc + INTERVAL 1 HOUR * (1 + floor(30 * random() ** 4)) AS available_at_utc,
                   date_trunc('month', interval_start_utc) AS interval_month FROM ({hours})""",
        "silver.quarantine": f"""
            SELECT 'f' || i % 50 AS file_id, i AS row_number, 'files' AS source, 'p' || i % 50 AS path, rule AS rule_id,
                   'the row says so' AS reason, TIMESTAMP '{DAY}' - INTERVAL 1 HOUR * (i % 1000) AS landed_at_utc,
                   DATE '{DAY}' AS landed_month FROM m, (VALUES ('negative'), ('spike'), ('out_of_order')) v(rule)""",
        "gold.hourly_accounts": f"""
            SELECT *, {SCOPE}, 'GBP' AS currency, CAST(interval_start_utc + INTERVAL 1 HOUR AS DATE) AS local_day,
                   0.0 AS imputed_share, energy_kwh * 0.25 AS cost, energy_kwh * 200 AS emissions_g,
                   200.0 AS factor_g_per_kwh, 'Official factors' AS factor_publication, '2024' AS factor_edition,
                   energy_kwh * 400 AS marginal_g, 0.0 AS stale_share, interval_start_utc AS available_at_utc,
                   date_trunc('month', local_day) AS month FROM ({hours})""",
    }  # fmt: skip


def _forecasts() -> dict[str, str]:
    """Live ones of every night of four weeks, by a model and by seasonal naive; the newest day's money and groups."""
    levels = ", ".join(f"0.6 + {level} + 0.1 * random() AS {name}" for name, level in QUANTILES.items())
    origins = f"range(TIMESTAMP '{DAY - timedelta(days=28)}', TIMESTAMP '{DAY}' + INTERVAL 1 HOUR, INTERVAL 1 DAY)"
    models = "(VALUES ('dense', '3'), ('seasonal_naive_168h', 'seasonal_naive_168h')) v(model_name, model_version)"
    ahead = "SELECT unnest(range(24)) AS n"
    return {
        "gold.forecasts": f"""
            SELECT {METER}, origin_utc, origin_utc + INTERVAL 1 HOUR * n AS interval_start_utc, model_name,
                   model_version, 'live' AS run_kind, n + 1 AS horizon_hours, 0.0 AS imputed_share, {levels}
            FROM (SELECT unnest({origins}) AS origin_utc) CROSS JOIN {models} CROSS JOIN ({ahead}) CROSS JOIN m
            ORDER BY origin_utc, meter_id""",
        "gold.group_forecasts": f"""
            SELECT 'portfolio' AS group_kind, '*' AS group_id, fuel, 'import' AS flow, TIMESTAMP '{DAY}' AS origin_utc,
                   TIMESTAMP '{DAY}' + INTERVAL 1 HOUR * n AS interval_start_utc, 'dense' AS model_name,
                   '3' AS model_version, 'live' AS run_kind, 4500.0 AS p10, 4800.0 AS p25, 5000.0 AS own_p50,
                   5200.0 AS p75, 5500.0 AS p90 FROM ({ahead}), (VALUES ('gas'), ('electricity')) v(fuel)""",
        "gold.account_forecasts": f"""
            SELECT {METER}, TIMESTAMP '{DAY}' AS origin_utc, TIMESTAMP '{DAY}' + INTERVAL 1 HOUR * n AS
                   interval_start_utc, 'dense' AS model_name, '3' AS model_version, 'live' AS run_kind, {SCOPE},
                   'GBP' AS currency, 0.15 AS cost_p50, 120.0 AS emissions_p50_g, false AS price_is_estimated,
                   DATE '{DAY}' AS month FROM ({ahead}) CROSS JOIN m""",
    }  # fmt: skip


def _answers(meters: int) -> dict[str, str]:
    statement = f"1 AS statement, month + INTERVAL 1 MONTH AS known_at_utc, known_at_utc AS reported_at_utc, {SCOPE}"
    months = f"(SELECT unnest(range(DATE '{DAY}' - INTERVAL 3 MONTH, DATE '{DAY}', INTERVAL 1 MONTH))::DATE AS month)"
    of_groups = f"""
        SELECT 'meter' AS group_kind, meter_id AS group_id, fuel, flow, month, 720.0 * 0.8 AS energy_kwh
        FROM (SELECT {METER} FROM m) CROSS JOIN {months} UNION ALL
        SELECT 'portfolio', '*', fuel, 'import', month, 576.0 * {meters} / 2
        FROM {months}, (VALUES ('gas'), ('electricity')) v(fuel)"""
    return {
        "gold.emissions": f"""
            SELECT *, {statement}, energy_kwh * 200 AS emissions_g, 720 AS hours, 720 AS hours_counted,
                   0 AS market_hours, energy_kwh * 400 AS marginal_g, 720 AS marginal_hours FROM ({of_groups})""",
        "gold.costs": f"""
            SELECT *, {statement}, 'GBP' AS currency, energy_kwh * 0.3 AS total, 720 AS hours, 720 AS hours_counted,
                   3.0 AS peak_kw FROM ({of_groups})""",
        "gold.anomalies": f"""
            SELECT {METER}, 'e' || i AS anomaly_id, 'b' || i // 3 AS building_id, 'base_load_step' AS type,
                   'ongoing' AS state, 'medium' AS severity, TIMESTAMP '{DAY}' - INTERVAL 9 DAY AS start_utc,
                   TIMESTAMP '{DAY}' - INTERVAL 1 DAY AS end_utc, end_utc AS last_updated_utc, 40.0 AS energy_kwh,
                   12.0 AS cost, 'GBP' AS currency FROM m WHERE i % 5 = 0""",
        "gold.recommendations": f"""
            SELECT 'r' || i AS recommendation_id, 'weekend_running' AS action, DATE '{DAY}' AS as_of_date,
                   DATE '{DAY}' AS as_of_month, 'offered' AS status, 'new' AS state, 'building' AS scope_kind,
                   'b' || i // 3 AS scope_id, scope_id AS building_id, 'electricity' AS fuel, ['m' || i] AS meters,
                   row_number() OVER (ORDER BY i) AS priority_rank, 'It ran on 8 days.' AS what, 'low' AS effort,
                   2000.0 - i / 10 AS cost_per_year, 'GBP' AS currency, cost_per_year AS counted_cost_per_year,
                   6000.0 AS energy_kwh_per_year, '{{}}' AS evidence, '{{}}' AS lineage FROM m WHERE i % 4 = 0""",
        "gold.scores": f"""
            SELECT scope, 'live' AS run_kind, '*' AS fuel, model AS model_name, model AS model_version,
                   DATE '{DAY}' - 28 AS first_date, DATE '{DAY}' - 1 AS last_date, 0.21 AS wape, 9 AS cells
            FROM (VALUES ('total'), ('day')) v(scope), (VALUES ('dense'), ('seasonal_naive_168h')) w(model)""",
        "silver.areas": f"""
            SELECT 'region' AS area_id, NULL AS parent_area_id, {meters} AS households UNION ALL
            SELECT DISTINCT 'a' || i // 1000, 'region', 1000 FROM m""",
    }  # fmt: skip


def _write(connection: duckdb.DuckDBPyConnection, root: Path, table: Table, query: str) -> None:
    said = set(connection.sql(f"SELECT * FROM ({query}) LIMIT 0").columns)
    columns = ", ".join(
        column.name if column.name in said
        else f"{'NULL' if column.nullable else _plain(column.type, column.allowed)} AS {column.name}"
        for column in table.columns
    )  # fmt: skip
    reader = connection.sql(f"SELECT {columns} FROM ({query})").to_arrow_reader(ROWS_OF_A_BATCH)
    schema = arrow_schema(table)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield from pa.Table.from_batches([batch]).cast(schema).to_batches()

    rows = pa.RecordBatchReader.from_batches(schema, batches())
    partitions = list(table.partition_by) or None
    write_deltalake(str(root / table.layer / table.name), rows, partition_by=partitions)


def _plain(kind: str, allowed: tuple[str, ...]) -> str:
    return f"'{allowed[0]}'" if allowed else PLAIN[kind]
