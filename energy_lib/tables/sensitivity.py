"""How personal a column is: the data map says it, the door makes pseudonyms by it, an erasure looks by it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase


class Sensitivity(StrEnum):
    """What a column tells of a person, in tables whose rows are of a meter, a home or a site."""

    IDENTIFIER = (
        "identifier"  # names a meter, a building, a site or an asset; of the first two a pseudonym, if asked for
    )
    REFERENCE = "reference"  # names what was said of one meter or home: an alert, a recommendation, a project
    CONSUMPTION = "consumption"  # what is used, paid or emitted, and what follows from it: when somebody is at home
    LOCATION = "location"  # where it is
    TEXT = "text"  # free or raw text, which may quote any of these
    NONE = "none"


# Names of columns, or patterns. The first group that matches counts; a name means the same in every table.
_GROUPS: tuple[tuple[Sensitivity, str], ...] = (
    (
        Sensitivity.IDENTIFIER,
        "meter_id raw_meter_id virtual_meter_id building_id site_id asset_id unit_id meters group_id scope_id "
        "limit_asset_ids asset_ids",
    ),
    (Sensitivity.REFERENCE, "anomaly_id alert_id advice_id recommendation_id project_id explained_by"),
    (Sensitivity.LOCATION, "latitude longitude area_id zone subdivision weather_location_id"),
    (
        Sensitivity.TEXT,
        "raw_row raw_timestamp reason reasons *_reason path evidence what title description note last_run "
        "gate_results error assumptions lineage alarms_before warnings refused changed_by steps resource detail",
    ),
    (
        Sensitivity.NONE,
        "*_version vat_share rate cvrmse nmbe horizon_hours interval_minutes price_per_kwh *factor_*",
    ),
    (
        Sensitivity.CONSUMPTION,
        "raw_value value *_kwh *_kwh_* *_kw *_kw_* p[0-9][0-9] own_p50 energy_* level_28d cost cost_* *_cost "
        "*_cost_* *emissions* *kgco2e* carbon_kg* observed* expected* counted* *_share share_* score quality flags "
        "payment wape mase floor_area_m2 log_floor_area log_capacity use type state severity model_json *_limit "
        "*_weight *_weight_before *_hours_before interval_start_utc start_utc end_utc rating action",
    ),
)
BY_NAME: Mapping[str, Sensitivity] = {name: level for level, names in _GROUPS for name in names.split()}


def sensitivity_by_name(name: str, type_: str) -> Sensitivity:
    """What a column of this name and type is; NONE where no line says otherwise. A number of meters names none."""
    found = (level for pattern, level in BY_NAME.items() if fnmatchcase(name, pattern))
    level = next(found, Sensitivity.NONE)
    return Sensitivity.NONE if level is Sensitivity.IDENTIFIER and "string" not in type_ else level
