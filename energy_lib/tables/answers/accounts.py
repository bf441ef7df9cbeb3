"""Gold: carbon and cost of each hour, of each month as it was reported, and of the hours that are forecast."""

from __future__ import annotations

from energy_lib.tables.table import Column, Table, optional, required
from energy_lib.vocabulary import Flow, Fuel

# Grams have 6 decimals and money 8: rounding the hours of a year of 143 meters makes at most a gram and a cent.
GRAMS, MONEY = "decimal(18,6)", "decimal(18,8)"
SUM_OF_GRAMS, SUM_OF_MONEY, SUM_OF_KWH = "decimal(28,6)", "decimal(28,8)", "decimal(28,6)"
SCOPES = ("scope_1", "scope_2")
GROUP_KINDS = ("meter", "building", "site", "portfolio")
# ISO 4217's code for no currency: no tariff says one.
NO_CURRENCY = "XXX"
COMMODITY = (
    required("fuel", "string", "Fuel", tuple(Fuel)),
    required("flow", "string", "Direction of what the register counts", tuple(Flow)),
)
MONTH = required("month", "date", "First day of the meter's local month; partition")
SCOPE = required(
    "scope", "string", "Scope of the GHG Protocol: scope_1 of fuels burnt here, scope_2 of energy bought", SCOPES
)
STALE = "that rests on a factor of another time, 0 to 1: of a year where the hour's is not known, or no longer valid"

HOURLY_ACCOUNTS = Table(
    layer="gold",
    name="hourly_accounts",
    comment="What each hour of each meter emitted and cost, as it is known now. Null with a reason where it is not "
    "known, never zero. Standing charges and charges for peaks are in gold.costs alone. No virtual meters.",
    columns=(
        required("meter_id", "string", "Meter"),
        *COMMODITY,
        required("interval_start_utc", "timestamp", "Start of the hour"),
        required("local_day", "date", "Local day of the meter that the hour starts on"),
        optional("energy_kwh", "double", "Energy in the hour, kWh; null in a gap too long to estimate"),
        required("imputed_share", "float", "Share of the hour that cleaning estimated, 0 to 1"),
        SCOPE,
        optional("emissions_g", GRAMS, "Scope 1, or location-based scope 2, gCO2e: energy_kwh × factor_g_per_kwh"),
        optional("factor_g_per_kwh", "double", "Factor of emissions_g, gCO2e per kWh"),
        optional("factor_publication", "string", "What the factor was published in"),
        optional("factor_edition", "string", "Edition of that publication; of_the_hour: a row of that very time"),
        optional("stale_share", "float", f"Share of the hour {STALE}"),
        optional("emissions_reason", "string", "Why emissions_g is null"),
        optional("market_emissions_g", GRAMS, "Market-based scope 2, gCO2e, by the factor of the supply contract"),
        optional("market_factor_g_per_kwh", "double", "Factor of market_emissions_g, gCO2e per kWh"),
        optional("apart_g", GRAMS, "What exported or generated energy would have emitted, gCO2e; in no total"),
        optional("marginal_g", GRAMS, "Energy × marginal intensity, gCO2e; for decisions, never added to emissions_g"),
        optional("marginal_factor_g_per_kwh", "double", "Marginal intensity of the hour, gCO2e per kWh"),
        required("currency", "string", "ISO 4217; XXX where no tariff says one"),
        optional(
            "cost", MONEY, "Cost of the energy without VAT, in `currency`: energy_kwh × price; paid out: negative"
        ),
        optional("price_per_kwh", "double", "Price without VAT, in `currency` per kWh; it may be negative"),
        optional("vat", MONEY, "VAT on cost, in `currency`"),
        optional("cost_reason", "string", "Why cost is null"),
        required("available_at_utc", "timestamp", "When the newest of what it rests on became known"),
        MONTH,
    ),
    key=("meter_id", "interval_start_utc", "month"),
    partition_by=("month",),
    time="interval_start_utc",
)

_GROUP = (
    required("group_kind", "string", "meter, building, site or portfolio", GROUP_KINDS),
    required("group_id", "string", "meter_id, building_id or site_id of silver.meters; * of the portfolio"),
    *COMMODITY,
)
_COUNTS = (
    required("meters", "int", "Registers in the sum; virtual meters are in none"),
    required("meters_missing", "int", "Registers among them of which nothing could be summed"),
    required("hours", "long", "Hours that the month has, times meters"),
    required("hours_counted", "long", "Hours among them in the sum; the others count for nothing"),
    optional("energy_kwh", SUM_OF_KWH, "Energy of hours_counted, kWh"),
)
_IMPUTED = optional(
    "imputed_share",
    "double",
    "Share of energy_kwh that cleaning estimated; what is only suspect, or estimated by its sender, counts as read",
)
_REASON = optional("reason", "string", "Why hours or meters are missing, with their number")
_VERSION = (
    required("statement", "int", "1: reported for the first time; n: restated n - 1 times"),
    required("known_at_utc", "timestamp", "When the newest of what it rests on became known"),
    required("reported_at_utc", "timestamp", "When it was reported: the night's origin, or known_at_utc if later"),
    optional("superseded_at_utc", "timestamp", "When the statement that replaced it was reported; null: it stands"),
    MONTH,
)
AS_OF = (
    "What stands now is superseded_at_utc IS NULL; what had been reported at T is reported_at_utc <= T AND "
    "(superseded_at_utc IS NULL OR superseded_at_utc > T)."
)


def _grams(name: str, comment: str) -> Column:
    return optional(name, SUM_OF_GRAMS, f"{comment}, gCO2e")


def _money(name: str, comment: str) -> Column:
    return optional(name, SUM_OF_MONEY, f"{comment}, in `currency`; paid out: negative")


EMISSIONS = Table(
    layer="gold",
    name="emissions",
    comment="Emissions of each local month by meter, building, site and portfolio, every statement kept. Fuels add up; "
    f"exports and generation have a row without emissions_g, and hours_counted of it are those of apart_g. {AS_OF}",
    columns=(
        *_GROUP,
        SCOPE,
        *_COUNTS,
        _grams("emissions_g", "Scope 1, or location-based scope 2, of imports alone: exports are not netted"),
        optional("factors", "string", "Publications and editions of the factors"),
        _IMPUTED,
        optional("stale_share", "double", f"Share of energy_kwh {STALE}"),
        _grams(
            "market_emissions_g", "Market-based scope 2 of market_hours alone; beside emissions_g, not on top of it"
        ),
        required(
            "market_hours", "long", "Hours in market_emissions_g; the others have no contract and no residual mix"
        ),
        _grams("apart_g", "What exported or generated energy would have emitted at average intensity; in no total"),
        _grams("marginal_g", "Energy × marginal intensity over marginal_hours; for decisions, in no total"),
        required("marginal_hours", "long", "Hours in marginal_g"),
        _REASON,
        *_VERSION,
    ),
    key=("group_kind", "group_id", "fuel", "flow", "month", "reported_at_utc"),
    partition_by=("month",),
)

COSTS = Table(
    layer="gold",
    name="costs",
    comment="Cost of each local month by meter, building, site and portfolio, every statement kept. `total` adds up "
    f"over fuels and flows of one currency: what exports earn is negative. {AS_OF}",
    columns=(
        *_GROUP,
        required("currency", "string", "ISO 4217; XXX where no tariff says one"),
        *_COUNTS,
        _money("energy_cost", "Energy of hours_counted at unit rates and price series, without VAT"),
        _money("standing_charge", "Standing charge of the days that have hours, without VAT"),
        _money("demand_charge", "Charge for the highest hour of its window so far, without VAT"),
        _money("capacity_charge", "Charge for the agreed capacity in the month, without VAT"),
        _money("vat", "VAT on all of them"),
        _money("total", "All of them with VAT; null of a meter one of whose charges is not known"),
        optional("peak_kw", "double", "Highest hour of a meter in the month, kW; null of groups"),
        optional("tariffs", "string", "Publications and editions of the tariffs"),
        _IMPUTED,
        _REASON,
        *_VERSION,
    ),
    key=("group_kind", "group_id", "fuel", "flow", "currency", "month", "reported_at_utc"),
    partition_by=("month",),
)

ACCOUNT_FORECASTS = Table(
    layer="gold",
    name="account_forecasts",
    comment="Forecast emissions and cost of each hour, from the quantiles of gold.forecasts and the factors and prices "
    "known at the origin. Medians of hours and meters add up, the other quantiles do not.",
    columns=(
        required("meter_id", "string", "Meter"),
        *COMMODITY,
        required("origin_utc", "timestamp", "Origin of the forecast"),
        required("interval_start_utc", "timestamp", "Hour that is forecast"),
        required("model_name", "string", "Model of the energy's forecast"),
        required("model_version", "string", "Its version"),
        required("run_kind", "string", "live or backtest", ("live", "backtest")),
        SCOPE,
        optional("factor_g_per_kwh", "double", "Factor, gCO2e per kWh"),
        optional("factor_publication", "string", "What the factor was published in"),
        optional(
            "factor_edition", "string", "Its edition; mean_of_28_days: the mean of the hour of day before the origin"
        ),
        optional("stale_share", "float", f"Share of the hour {STALE}, or a mean of past days"),
        *(optional(f"emissions_p{p}_g", GRAMS, f"Quantile 0.{p} of emissions_g, gCO2e") for p in (10, 50, 90)),
        optional("emissions_reason", "string", "Why they are null"),
        optional("marginal_factor_g_per_kwh", "double", "Marginal intensity, gCO2e per kWh; for decisions"),
        required("currency", "string", "ISO 4217; XXX where no tariff says one"),
        optional("price_per_kwh", "double", "Price without VAT, in `currency` per kWh"),
        optional("price_is_estimated", "boolean", "Whether the price was not known at the origin: a mean of 28 days"),
        *(
            optional(f"cost_p{p}", MONEY, f"Quantile 0.{p} of cost without VAT, in `currency`; of the cost itself")
            for p in (10, 50, 90)
        ),
        optional("cost_reason", "string", "Why they are null"),
        required("imputed_share", "float", "Share of the forecast's inputs that was estimated or missing, 0 to 1"),
        required("month", "date", "First day of the origin's UTC month; partition"),
    ),
    key=("meter_id", "origin_utc", "interval_start_utc", "model_name", "model_version", "run_kind", "month"),
    partition_by=("month",),
    time="origin_utc",
)

TABLES = (HOURLY_ACCOUNTS, EMISSIONS, COSTS, ACCOUNT_FORECASTS)
