"""The features of gold.features: what is declared here is the table's schema, the shards' and the models' input."""

from __future__ import annotations

from functools import lru_cache

from energy_lib.features.calendar import FIELDS
from energy_lib.features.declarations import Feature, FeatureSet
from energy_lib.features.energy import Lag, PeakRatio, Ramp, SameDayType, SameHourOfWeek, WallLag, Window
from energy_lib.features.provenance import STATICS as ATTRIBUTES
from energy_lib.features.provenance import Calendar, ImputedShare, Level, Staleness, Static, Weather
from energy_lib.features.recent import (
    DAY_TYPE_STATISTICS,
    DayMean,
    DayTypeSpread,
    FreshDays,
    LastHour,
    RecentDays,
    ResidualMean,
    ResidualWallLag,
)
from energy_lib.features.response import TemperatureEffect, TemperatureSlope, WarmerThanRecent
from energy_lib.features.weather import VARIABLES, WEATHER_REACH_HOURS
from energy_lib.tables import Column, Table, gold

HISTORY_DAYS = 14

DECLARED: tuple[Feature, ...] = (
    *(Lag(24 * day, freshest=True) for day in range(1, HISTORY_DAYS + 1)),
    WallLag(1),
    WallLag(7),
    *(Window("mean", hours) for hours in (3, 6, 12, 72)),
    *(Window(statistic, hours) for hours in (24, 168, 672) for statistic in ("mean", "std", "min", "max")),
    *(Window(quantile, hours) for hours in (168, 672) for quantile in ("q10", "q50", "q90")),
    *(Window("zero_share", hours) for hours in (24, 168, 672)),
    SameHourOfWeek(4),
    SameDayType(28),
    *(DayTypeSpread(statistic) for statistic in DAY_TYPE_STATISTICS),
    RecentDays(),
    FreshDays(2),
    *(ResidualMean(hours) for hours in (1, 3, 6, 12, 24, 48, 168)),
    ResidualMean(168, absolute=True),
    *(ResidualWallLag(days) for days in (1, 2, 3, 7)),
    *(LastHour(hours) for hours in range(1, 7)),
    *(DayMean(days) for days in range(1, 8)),
    Ramp(6),
    Ramp(24),
    Ramp(168),
    PeakRatio(24, 672),
    Level(28),
    *(Calendar(field) for field in FIELDS),
    *(Weather(variable, WEATHER_REACH_HOURS, text) for variable, text in VARIABLES.items()),
    WarmerThanRecent(),
    TemperatureSlope(),
    TemperatureEffect(),
    *(Static(attribute) for attribute in ATTRIBUTES),
    ImputedShare(24 * HISTORY_DAYS),
    Staleness(672),
)

# What readings, early or late, do not change.
BESIDE_READINGS = tuple(each.name for each in DECLARED if isinstance(each, Calendar | Weather | Static))


@lru_cache(maxsize=8)
def feature_set(horizon_hours: int = 24) -> FeatureSet:
    """The declared features, checked against the horizon; raises BadConfig for one that cannot be known."""
    return FeatureSet(DECLARED, horizon_hours)


def feature_columns() -> tuple[Column, ...]:
    """One float32 column a feature, in order; the same for every horizon."""
    return feature_set().columns()


def features_table() -> Table:
    """gold.features."""
    return gold.features_table(feature_columns())
