"""The features of gold.features: what is declared here is the table's schema, the shards' and the models' input."""

from __future__ import annotations

from functools import lru_cache

from energy_lib.features.definitions.calendar_fields import CALENDAR_FIELDS
from energy_lib.features.definitions.lags import LAGS
from energy_lib.features.definitions.level import LEVEL
from energy_lib.features.definitions.meter_attributes import METER_ATTRIBUTES
from energy_lib.features.definitions.reading_quality import READING_QUALITY
from energy_lib.features.definitions.recent_energy import RECENT_ENERGY
from energy_lib.features.definitions.residuals import RESIDUALS
from energy_lib.features.definitions.same_hour import SAME_HOUR
from energy_lib.features.definitions.temperature_response import TEMPERATURE_RESPONSE
from energy_lib.features.definitions.weather_variables import WEATHER_VARIABLES
from energy_lib.features.definitions.windows import WINDOWS
from energy_lib.features.feature import Feature, FeatureSet
from energy_lib.tables import Column, Table, gold

# In the order of the table's columns.
FEATURES: tuple[Feature, ...] = (
    *LAGS,
    *WINDOWS,
    *SAME_HOUR,
    *RESIDUALS,
    *RECENT_ENERGY,
    *LEVEL,
    *CALENDAR_FIELDS,
    *WEATHER_VARIABLES,
    *TEMPERATURE_RESPONSE,
    *METER_ATTRIBUTES,
    *READING_QUALITY,
)

# Features that do not depend on readings, and so do not change if readings come late.
INDEPENDENT_OF_READINGS = tuple(each.name for each in (*CALENDAR_FIELDS, *WEATHER_VARIABLES, *METER_ATTRIBUTES))


@lru_cache(maxsize=8)
def feature_set(horizon_hours: int = 24) -> FeatureSet:
    """The declared features, checked against the horizon; raises BadConfig for one that cannot be known."""
    return FeatureSet(FEATURES, horizon_hours)


def feature_columns() -> tuple[Column, ...]:
    """One float32 column a feature, in order; the same for every horizon."""
    return feature_set().columns()


def features_table() -> Table:
    """gold.features."""
    return gold.features_table(feature_columns())
