"""Rules that look at one row: Spark column expressions over bronze rows joined with their meter."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning import rules
from energy_lib.cleaning.rules import Rule
from energy_lib.config import CleaningConfig
from energy_lib.intervals import END_INSTANT, FIRST_INSTANT, LONGEST_INTERVAL_DAYS
from energy_lib.vocabulary import Flow, Quality

# More than any grid sells in LONGEST_INTERVAL_DAYS; what is above, or infinite, was no meter's.
MOST_KWH = 1e12

# What later steps need of a bronze row. The raw text stays in bronze.
CARRIED = (
    "file_id",
    "row_number",
    "source",
    "path",
    "landed_at_utc",
    "landed_month",
    "raw_row",
    "meter_id",
    "fuel",
    "flow",
    "interval_start_utc",
    "interval_minutes",
    "energy_kwh",
    "register_kwh",
    "quality",
    "available_at_utc",
    "flags",
    "limit_kw",
    "has_capacity",
    "rule_id",
    "reason",
)


def validate_rows(bronze: DataFrame, meters: DataFrame, settings: CleaningConfig) -> DataFrame:
    """Bronze rows with fuel, snapped start, flags, and `rule_id`, `reason` where a row rule rejects them.

    `meters`: silver.meters. Columns out: CARRIED.
    """
    start = snapped_start(settings)
    limits = meters.select(
        "meter_id", F.col("fuel").alias("meter_fuel"), F.col("flow").alias("meter_flow"), "capacity_kw"
    )
    # A registry's zero or NaN says as little as nothing.
    has_capacity = F.coalesce((F.col("capacity_kw") > 0) & ~F.isnan("capacity_kw"), F.lit(False))
    capacity = F.when(has_capacity, F.col("capacity_kw") * settings.capacity_margin)
    rows = bronze.join(F.broadcast(limits), on="meter_id", how="left").withColumns(
        {
            "start": start,
            "has_capacity": has_capacity,
            "limit_kw": F.coalesce(capacity, F.lit(float(settings.physical_limit_kw))),
        }
    )
    broken = _first_broken(_checks(settings))
    is_snapped = F.col("start") != F.col("interval_start_utc")
    return rows.select(
        *(F.col(name) for name in ("file_id", "row_number", "source", "path", "landed_at_utc", "landed_month")),
        F.when(broken["rule"].isNotNull(), _raw()).alias("raw_row"),
        "meter_id",
        F.col("meter_fuel").alias("fuel"),
        # A registry's word counts first, as for the fuel; lakes and registries that say nothing mean import.
        F.coalesce("meter_flow", "flow", F.lit(str(Flow.IMPORT))).alias("flow"),
        F.when(has_time(), F.coalesce("start", "interval_start_utc")).alias("interval_start_utc"),
        "interval_minutes",
        "energy_kwh",
        "register_kwh",
        F.coalesce("quality", F.lit(str(Quality.MEASURED))).alias("quality"),
        F.coalesce("available_at_utc", "landed_at_utc").alias("available_at_utc"),
        F.when(is_snapped, F.array(F.lit(rules.SNAPPED.id))).otherwise(F.array().cast("array<string>")).alias("flags"),
        "limit_kw",
        "has_capacity",
        broken["rule"].alias("rule_id"),
        broken["why"].alias("reason"),
    ).select(*CARRIED)


def validate_energy(rows: DataFrame) -> DataFrame:
    """Rows of CARRIED with the rules on energy applied to those that no rule has rejected yet."""
    broken = _first_broken(energy_checks())
    is_open = F.col("rule_id").isNull() & F.col("energy_kwh").isNotNull()
    return rows.withColumns(
        {
            "rule_id": F.when(is_open, broken["rule"]).otherwise(F.col("rule_id")),
            "reason": F.when(is_open, broken["why"]).otherwise(F.col("reason")),
        }
    )


def has_time() -> Column:
    """Whether interval_start_utc is a time that a meter can have read at; the jobs count days and months from it."""
    start = F.col("interval_start_utc")
    return F.coalesce((start >= F.lit(FIRST_INSTANT)) & (start < F.lit(END_INSTANT)), F.lit(False))


def snapped_start(settings: CleaningConfig) -> Column:
    """The interval start moved onto its grid, or NULL if it is further off than the tolerance. Registers keep theirs.

    The grid is the quarter hour for intervals made of quarter hours (every zone's offset is one), else five
    minutes, else one: an hour that starts at :30 UTC is an hour of some meter's local clock.
    """
    minutes = F.col("interval_minutes")
    grid = F.when(minutes % 15 == 0, 900).when(minutes % 5 == 0, 300).otherwise(60)
    seconds = F.unix_micros("interval_start_utc") / 1_000_000
    nearest = F.round(seconds / grid) * grid
    near = F.abs(nearest - seconds) <= settings.snap_tolerance_seconds
    return F.when(minutes.isNull(), F.col("interval_start_utc")).when(near, F.timestamp_seconds(nearest.cast("long")))


def _checks(settings: CleaningConfig) -> list[tuple[Rule, Column, Column]]:
    """(rule, condition of a broken row, reason), in the order in which they apply: the first broken rule rejects."""
    stamp = F.col("interval_start_utc")
    end = stamp + F.make_dt_interval(mins=F.coalesce("interval_minutes", F.lit(0)))
    latest = F.col("landed_at_utc") + F.make_dt_interval(secs=F.lit(settings.future_tolerance_hours * 3600.0))
    no_value = F.col("energy_kwh").isNull() & F.col("register_kwh").isNull()
    no_length = F.col("energy_kwh").isNotNull() & F.coalesce(F.col("interval_minutes") <= 0, F.lit(True))
    no_number = F.coalesce(F.isnan("energy_kwh"), F.isnan("register_kwh"), F.lit(False))
    return [
        (
            rules.UNPARSEABLE,
            F.col("meter_id").isNull() | ~has_time() | no_value | no_length | no_number,
            F.lit("the row has no meter, no time, no interval length or no value"),
        ),
        (
            rules.UNKNOWN_METER,
            F.col("meter_fuel").isNull(),
            F.concat(F.lit("meter "), F.col("meter_id"), F.lit(" is no register of silver.meters")),
        ),
        (
            rules.INTERVAL_TOO_LONG,
            F.col("interval_minutes") > LONGEST_INTERVAL_DAYS * 24 * 60,
            F.concat(
                F.lit("the interval of "),
                F.col("interval_minutes").cast("string"),
                F.lit(f" minutes is longer than {LONGEST_INTERVAL_DAYS} days"),
            ),
        ),
        (
            rules.OFF_GRID,
            F.col("start").isNull(),
            F.concat(
                stamp.cast("string"),
                F.lit(f" is more than {settings.snap_tolerance_seconds} s off the grid of its interval"),
            ),
        ),
        (
            rules.FUTURE_STAMP,
            end > latest,
            F.concat(
                F.lit("the interval ends at "),
                end.cast("string"),
                F.lit(", after its file landed at "),
                F.col("landed_at_utc").cast("string"),
            ),
        ),
    ]


def energy_checks() -> list[tuple[Rule, Column, Column]]:
    """The rules on a row's energy_kwh, given flow and limit_kw."""
    energy, minutes = F.col("energy_kwh"), F.col("interval_minutes")
    # A register counts in ticks: what it gains in seconds is held against what an hour can carry.
    hours = F.when(F.col("register_kwh").isNotNull(), F.greatest(minutes, F.lit(60))).otherwise(minutes) / 60.0
    limit = F.least(F.col("limit_kw") * hours, F.lit(MOST_KWH))
    is_net = F.col("flow") == str(Flow.NET)
    return [
        (rules.NEGATIVE, ~is_net & (energy < 0), F.concat(energy.cast("string"), F.lit(" kWh is below zero"))),
        (
            rules.ABOVE_LIMIT,
            F.when(is_net, F.abs(energy)).otherwise(energy) > limit,
            F.concat(
                energy.cast("string"),
                F.lit(" kWh in "),
                minutes.cast("string"),
                F.lit(" minutes is above the limit of "),
                limit.cast("string"),
                F.lit(
                    " kWh, which follows from the meter's capacity_kw, or from cleaning.physical_limit_kw where it has "
                    "none; correct the one that applies if the reading is right"
                ),
            ),
        ),
    ]


def _first_broken(checks: list[tuple[Rule, Column, Column]]) -> Column:
    """Struct (rule, why) of the first broken rule. A row that did not parse keeps its parsing rule."""
    parsing = F.struct(F.col("rule_id").alias("rule"), F.coalesce("reason", F.lit("it did not parse")).alias("why"))
    cases = [(F.col("rule_id").isNotNull(), parsing)]
    cases += [(broken, F.struct(F.lit(rule.id).alias("rule"), why.alias("why"))) for rule, broken, why in checks]
    none = F.struct(F.lit(None).cast("string").alias("rule"), F.lit(None).cast("string").alias("why"))
    return reduce(lambda rest, case: F.when(case[0], case[1]).otherwise(rest), reversed(cases), none)


def _raw() -> Column:
    parts = F.concat_ws(",", "raw_meter_id", "raw_timestamp", "raw_value")
    return F.coalesce("raw_row", parts)
