"""Gold: what to do with a site's batteries, flexible loads and generation, hour by hour."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required

# The asset_id of the row that says what the whole site does.
WHOLE_SITE = "*"
KINDS = ("site", "flexible_load", "battery", "generation")

SCHEDULES = Table(
    layer="gold",
    name="schedules",
    comment="What to do with a site's assets in each hour after an origin, beside doing nothing. A row an asset and "
    f"hour, and one of the whole site (asset_id {WHOLE_SITE}). Savings add up over rows: those of a battery, a load or "
    "generation are of energy and wear, that of the site is of its demand charge. Null with a reason where there is "
    "no plan. The next origin plans the hours anew: of an hour the row of the newest origin counts. A month pays its "
    "demand charge once, so that the site's savings do not add up over origins. It is reckoned as if the site were "
    "billed at one connection by its main tariff, while gold.costs bills each meter. A load's saving is that of its "
    "whole window: single hours and days of it mean nothing. A window that ends after the plan is planned next time.",
    columns=(
        required("site_id", "string", "Site"),
        required("asset_id", "string", f"Asset of silver.assets; {WHOLE_SITE}: the whole site"),
        required("origin_utc", "timestamp", "Origin of the forecasts that the plan rests on"),
        required("interval_start_utc", "timestamp", "Hour that is planned"),
        required("asset_kind", "string", "Kind; site: the whole site", KINDS),
        optional(
            "power_kw",
            "double",
            "Planned power, kW: of a load what it uses, of a battery charge (below zero: discharge), of generation "
            "what it gives, of the site median import (below zero: export)",
        ),
        optional("default_power_kw", "double", "The same if nobody plans, kW"),
        optional(
            "state_of_charge_kwh",
            "double",
            "In a battery at the end of the hour, kWh; without an earlier plan it starts at its lowest charge",
        ),
        optional(
            "upper_power_kw",
            "double",
            "Of the site: import on the quantile that limit and peak are planned on (schedule.limit_quantile, p95), kW",
        ),
        optional("limit_kw", "double", "Of the site: highest import allowed in the hour, kW; null where there is none"),
        optional("limit_asset_ids", "string", "The site_limit assets that say so"),
        optional(
            "relaxed_kw",
            "double",
            "Of the site: how far upper_power_kw lies above limit_kw, because no plan holds it, kW",
        ),
        optional(
            "expected_saving",
            "double",
            "What the plan saves beside doing nothing, in `currency` with VAT; may be below zero",
        ),
        optional(
            "expected_saving_kgco2e",
            "double",
            "Carbon it spares by marginal intensity, kgCO2e; never in a total footprint",
        ),
        optional("currency", "string", "ISO 4217"),
        optional("reason", "string", "Why power_kw is null, as <what>: <which row>"),
        optional("carbon_reason", "string", "Why expected_saving_kgco2e is null; the plan then follows money alone"),
        optional(
            "is_repeated_forecast",
            "boolean",
            "Whether the hour lies beyond the forecast, which is that of a day before",
        ),
        optional(
            "is_estimated_price", "boolean", "Whether its price was not known at the origin and is a mean of past days"
        ),
        optional("is_estimated_intensity", "boolean", "Whether its intensity was not known at the origin, likewise"),
        optional("imputed_share", "double", "Share of the forecast's inputs that was estimated or missing, 0 to 1"),
        optional("forecast_model", "string", "Model of the site's forecast in gold.group_forecasts"),
        optional("forecast_version", "string", "Its version"),
        optional("tariff_id", "string", "Tariff of silver.tariffs it is reckoned by"),
        optional("carbon_region", "string", "Region of the marginal intensity in silver.carbon_intensity"),
        optional("method", "string", "Solver and version of the plan"),
        required("origin_month", "date", "First day of the origin's UTC month; partition"),
    ),
    key=("site_id", "asset_id", "origin_utc", "interval_start_utc", "origin_month"),
    partition_by=("origin_month",),
    time="origin_utc",
)

TABLES = (SCHEDULES,)
