"""Gold: features, forecasts of meters and of groups, and scores."""

from __future__ import annotations

from energy_lib.metrics import METRICS
from energy_lib.tables.table import Column, Table, optional, required
from energy_lib.vocabulary import QUANTILES, Flow, Fuel

RUN_KINDS = ("live", "backtest")
FLOW = optional("flow", "string", "Direction of what the register counts; null means import", tuple(Flow))
FEATURE_KEY = (
    required("meter_id", "string", "Meter"),
    required("origin_utc", "timestamp", "Origin: readings of intervals before it may be known"),
    required("interval_start_utc", "timestamp", "Hour to be forecast"),
)


def features_table(feature_columns: tuple[Column, ...]) -> Table:
    """`gold.features` for the declared features (energy_lib.features.feature gives the columns)."""
    return Table(
        layer="gold",
        name="features",
        comment="What was known at the origin about an hour to be forecast.",
        columns=(
            *FEATURE_KEY,
            required("fuel", "string", "Fuel", tuple(Fuel)),
            FLOW,
            required("horizon_hours", "int", "Hours from the origin to the end of the interval, from 1"),
            required("feature_set", "string", "Hash of the declarations that made the row"),
            *feature_columns,
        ),
        key=("meter_id", "origin_utc", "interval_start_utc"),
        cluster_by=("meter_id", "origin_utc"),
        time="origin_utc",
    )


FORECASTS = Table(
    layer="gold",
    name="forecasts",
    comment="Quantile forecasts of every meter, live and backtest, seasonal naive beside the models.",
    columns=(
        *FEATURE_KEY,
        required("model_name", "string", "Model, e.g. dense, seasonal_naive_168h"),
        required("model_version", "string", "Version in the registry; of a baseline, its own name"),
        required("run_kind", "string", "live or backtest", RUN_KINDS),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        FLOW,
        required("horizon_hours", "int", "Hours from the origin to the end of the interval, from 1"),
        *(optional(name, "double", f"Quantile {level:.2f} of energy_kwh, kWh") for name, level in QUANTILES.items()),
        required("imputed_share", "float", "Share of the inputs that was estimated or missing, 0 to 1"),
        optional("fallback", "string", "<why>: <what the model was replaced with>; null if it was not"),
        optional("feature_set", "string", "Hash of the declarations the inputs came from"),
    ),
    key=("meter_id", "origin_utc", "interval_start_utc", "model_name", "model_version", "run_kind"),
    cluster_by=("meter_id", "interval_start_utc"),
    time="origin_utc",
)

GROUP_FORECASTS = Table(
    layer="gold",
    name="group_forecasts",
    comment="What buildings, sites and the portfolio will need: medians add up, quantiles are the group's own.",
    columns=(
        required("group_kind", "string", "building, site or portfolio", ("building", "site", "portfolio")),
        required("group_id", "string", "building_id or site_id of silver.meters; * of the portfolio"),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        FLOW,
        required("origin_utc", "timestamp", "Origin of the meters' forecasts"),
        required("interval_start_utc", "timestamp", "Hour that is forecast"),
        required("model_name", "string", "Model of the meters' forecasts"),
        required("model_version", "string", "Its version"),
        required("run_kind", "string", "live or backtest", RUN_KINDS),
        required("horizon_hours", "int", "Hours from the origin to the end of the interval, from 1"),
        required("meters", "int", "Meters in the sum"),
        *(
            required(name, "double", f"Quantile {level:.2f} of the group's energy, kWh; p50 is the sum of the meters'")
            for name, level in QUANTILES.items()
        ),
        required("own_p50", "double", "The group's own median, kWh: it errs less than p50, but does not add up"),
        required("imputed_share", "double", "Mean over the meters, 0 to 1"),
        required("fallback_share", "double", "Share of the meters that a fallback forecast"),
        required("past_origins", "int", "Origins whose errors shaped the spread; 0 where there is one meter"),
        optional("fallback", "string", "<why>: <what the spread was replaced with>; null if it was not"),
    ),
    key=(
        *("group_kind", "group_id", "fuel", "flow", "origin_utc", "interval_start_utc"),
        *("model_name", "model_version", "run_kind"),
    ),
    cluster_by=("group_kind", "group_id", "interval_start_utc"),
    time="origin_utc",
)

SCORES = Table(
    layer="gold",
    name="scores",
    comment="How good the forecasts were, per meter, per day and in total, seasonal naive beside on the same cells: "
    "hours that were measured and unsuspect and that every model of the origin forecast.",
    columns=(
        required("run_kind", "string", "live or backtest", RUN_KINDS),
        required("model_name", "string", "Model"),
        required("model_version", "string", "Version"),
        required(
            "scope",
            "string",
            "day: all meters on one origin day; meter: one meter, total: all meters, over first_date … last_date",
            ("meter", "day", "total"),
        ),
        required("fuel", "string", "Fuel, with its flow where that is not import (electricity_export), or * for all"),
        required("meter_id", "string", "Meter, or * for all"),
        required("first_date", "date", "First origin day that is scored"),
        required("last_date", "date", "Last origin day that is scored"),
        required("cells", "long", "Forecast intervals that were scored"),
        *(optional(metric.name, "double", metric.comment) for metric in METRICS.values()),
    ),
    key=("run_kind", "model_name", "model_version", "scope", "fuel", "meter_id", "first_date", "last_date"),
    cluster_by=("meter_id", "first_date"),
    time="first_date",
)

TABLES = (FORECASTS, GROUP_FORECASTS, SCORES)
