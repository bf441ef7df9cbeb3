"""Silver: clean versions, their regular hourly view, what was rejected, and reference data."""

from __future__ import annotations

from energy_lib.tables.table import Table, optional, required
from energy_lib.vocabulary import Flow, Fuel, Intensity, Quality, WeatherKind

# Which file a row of reference data was said by. The newest landed stands, whatever the order of the nights.
SAID_BY = (
    optional("landed_at_utc", "timestamp", "When the file it came from landed"),
    optional("file_id", "string", "File it came from"),
)
SAID_BY_NAMES = tuple(column.name for column in SAID_BY)
# What `registered_by` says of a virtual meter, whose energy is that of other meters.
VIRTUAL = "virtual_meters"
PAYMENTS = ("prepay", "credit")
FLOW = optional("flow", "string", "Direction of what the register counts; null means import", tuple(Flow))

READINGS = Table(
    layer="silver",
    name="readings",
    comment="Clean readings, versioned: current is superseded_at_utc IS NULL; as of T is "
    "available_at_utc <= T AND (superseded_at_utc IS NULL OR superseded_at_utc > T).",
    columns=(
        required("meter_id", "string", "Meter"),
        required("fuel", "string", "Fuel the meter measures", tuple(Fuel)),
        FLOW,
        required("interval_start_utc", "timestamp", "Start of the interval"),
        required("interval_minutes", "int", "Length of the interval, minutes"),
        required("energy_kwh", "double", "Energy used in the interval, kWh"),
        required("quality", "string", "measured, estimated or edited", tuple(Quality)),
        required("flags", "array<string>", "Ids of the row rules that hold the reading suspect"),
        required("available_at_utc", "timestamp", "When the system came to know this version"),
        optional("superseded_at_utc", "timestamp", "When what replaced it became available"),
        required("source", "string", "Source it came from"),
        required("file_id", "string", "File it came from"),
        required("row_number", "long", "Row it came from (of a register: the later read)"),
        required("landed_at_utc", "timestamp", "When that file landed"),
        required("interval_month", "date", "First day of the interval's UTC month; partition"),
    ),
    key=("meter_id", "interval_start_utc", "available_at_utc"),
    partition_by=("interval_month",),
    time="interval_start_utc",
    change_feed=True,
)

HOURLY = Table(
    layer="silver",
    name="hourly_readings",
    comment="Regular hourly view of the current readings; gaps between readings are estimated and flagged.",
    columns=(
        required("meter_id", "string", "Meter"),
        required("fuel", "string", "Fuel the meter measures", tuple(Fuel)),
        FLOW,
        required("interval_start_utc", "timestamp", "Start of the hour"),
        optional("energy_kwh", "double", "Energy in the hour, kWh; null in a gap too long to estimate"),
        optional("measured_kwh", "double", "The part of energy_kwh that was read, kWh; null if none was"),
        optional("quality", "string", "imputed if any part was estimated here, else the readings' own", tuple(Quality)),
        required("imputed_share", "float", "Share of the hour that was estimated here, 0 to 1"),
        optional("imputed_by", "string", "Method: interpolation, hour_of_week or scaling"),
        required("flags", "array<string>", "Ids of the rules that hold the hour suspect"),
        optional("suspect_from_utc", "timestamp", "When the suspicion could first be known"),
        required("available_at_utc", "timestamp", "When the hour's value could first be known"),
        required("interval_month", "date", "First day of the hour's UTC month; partition"),
    ),
    key=("meter_id", "interval_start_utc"),
    partition_by=("interval_month",),
    time="interval_start_utc",
    change_feed=True,
)

QUARANTINE = Table(
    layer="silver",
    name="quarantine",
    comment="Every rejected row or file (row_number 0) with the rule that rejected it.",
    columns=(
        required("file_id", "string", "File; of a whole file (row 0) the hash of its content and path"),
        required("row_number", "long", "Row in the file; 0 for the whole file"),
        required("source", "string", "Source"),
        required("path", "string", "Path below landing"),
        required("rule_id", "string", "Rule that rejected it"),
        required("reason", "string", "Why, in words"),
        optional("raw_row", "string", "The row as it came"),
        optional("meter_id", "string", "Meter, where it is known"),
        optional("interval_start_utc", "timestamp", "Interval, where it is known"),
        required("landed_at_utc", "timestamp", "When the file landed"),
        required("landed_month", "date", "First day of the UTC month the file landed in; partition"),
    ),
    key=("file_id", "row_number"),
    partition_by=("landed_month",),
)

METERS = Table(
    layer="silver",
    name="meters",
    comment="Meters and what is known of them.",
    columns=(
        required("meter_id", "string", "Meter"),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        FLOW,
        required("zone", "string", "IANA time zone of the meter"),
        optional("country", "string", "ISO 3166 country, for holidays"),
        optional("subdivision", "string", "ISO 3166-2 subdivision, for holidays"),
        optional("building_id", "string", "Building"),
        optional("site_id", "string", "Site"),
        optional("weather_location_id", "string", "Location in silver.weather"),
        optional("floor_area_m2", "double", "Floor area, m2"),
        optional("latitude", "double", "Degrees north"),
        optional("longitude", "double", "Degrees east"),
        optional("capacity_kw", "double", "Physical limit of the connection, kW"),
        optional("use", "string", "Use of the place (dwelling, office, laboratory …)"),
        optional("tariff_id", "string", "Tariff in silver.tariffs"),
        optional("carbon_region", "string", "Region in silver.carbon_intensity and silver.emission_factors"),
        optional("supply_contract_id", "string", "Supply contract of its market-based factor"),
        optional("agreed_capacity_kw", "double", "Capacity that the contract of the connection allows, kW"),
        optional("area_id", "string", "Area in silver.areas"),
        optional(
            "payment",
            "string",
            "prepay (what was paid for is used up, and then the supply stops) or credit; null: not said",
            PAYMENTS,
        ),
        required(
            "registered_by",
            "string",
            "registry (a meters source), readings (seen in the data) or virtual_meters (a declared sum of meters)",
        ),
        *SAID_BY,
    ),
    key=("meter_id",),
    version=SAID_BY_NAMES,
    provenance=SAID_BY_NAMES,
)

VIRTUAL_METERS = Table(
    layer="silver",
    name="virtual_meters",
    comment="Sums and differences of registers as declared, a row a term. A virtual meter that breaks a rule of "
    "cleaning is in silver.quarantine as well, and has no hours.",
    columns=(
        required("virtual_meter_id", "string", "Virtual meter"),
        required("meter_id", "string", "Register whose energy is added or subtracted"),
        required("sign", "double", "1: added; -1: subtracted"),
        optional("flow", "string", "What the virtual meter counts; null means import", tuple(Flow)),
        optional(
            "valid_from_utc", "timestamp", "The term counts in hours that start at this time or later; null: ever"
        ),
        optional("valid_to_utc", "timestamp", "The term counts in hours that start before this time; null: for ever"),
        optional("row_number", "long", "Row it came from"),
        *SAID_BY,
    ),
    key=("virtual_meter_id", "meter_id"),
    version=SAID_BY_NAMES,
    provenance=("row_number", *SAID_BY_NAMES),
    change_feed=True,
)

BUILDINGS = Table(
    layer="silver",
    name="buildings",
    comment="Buildings and their areas.",
    columns=(
        required("building_id", "string", "Building"),
        optional("site_id", "string", "Site"),
        optional("floor_area_m2", "double", "Floor area, m2"),
        optional("roof_area_m2", "double", "Roof area, m2"),
        optional("floors", "int", "Number of floors"),
        optional("use", "string", "Use of the building"),
        optional("latitude", "double", "Degrees north"),
        optional("longitude", "double", "Degrees east"),
        *SAID_BY,
    ),
    key=("building_id",),
    version=SAID_BY_NAMES,
    provenance=SAID_BY_NAMES,
)

WEATHER = Table(
    layer="silver",
    name="weather",
    comment="Hourly weather: observed, or forecast as issued.",
    columns=(
        required("location_id", "string", "Location"),
        required("interval_start_utc", "timestamp", "Start of the hour"),
        required("kind", "string", "observed or forecast", tuple(WeatherKind)),
        required("issued_at_utc", "timestamp", "When the forecast was issued; of an observation, the hour itself"),
        optional("temperature_c", "double", "Air temperature, degrees Celsius"),
        optional("humidity_pct", "double", "Relative humidity, percent"),
        optional("irradiance_w_m2", "double", "Global irradiance, W/m2"),
        optional("wind_speed_m_s", "double", "Wind speed, m/s"),
        required("available_at_utc", "timestamp", "When the system came to know it"),
        *SAID_BY,
    ),
    key=("location_id", "interval_start_utc", "kind", "issued_at_utc"),
    time="interval_start_utc",
    version=("landed_at_utc", "available_at_utc", "file_id"),
    provenance=SAID_BY_NAMES,
    change_feed=True,
)

CARBON_INTENSITY = Table(
    layer="silver",
    name="carbon_intensity",
    comment="Carbon intensity of the grid; average and marginal are different rows, never mixed.",
    columns=(
        required("region", "string", "Grid region"),
        required("interval_start_utc", "timestamp", "Start of the interval"),
        required("method", "string", "average or marginal", tuple(Intensity)),
        required("interval_minutes", "int", "Length of the interval, minutes"),
        required("intensity_gco2_per_kwh", "double", "gCO2 per kWh"),
        required("available_at_utc", "timestamp", "When the system came to know it"),
        *SAID_BY,
    ),
    key=("region", "interval_start_utc", "method"),
    time="interval_start_utc",
    version=("landed_at_utc", "available_at_utc", "file_id"),
    provenance=SAID_BY_NAMES,
)

PRICES = Table(
    layer="silver",
    name="prices",
    comment="Energy prices; they go negative.",
    columns=(
        required("tariff_id", "string", "Tariff or market"),
        required("fuel", "string", "Fuel", tuple(Fuel)),
        required("interval_start_utc", "timestamp", "Start of the interval"),
        required("interval_minutes", "int", "Length of the interval, minutes"),
        required("price_per_kwh", "double", "Price per kWh in `currency`"),
        required("currency", "string", "ISO 4217"),
        required("available_at_utc", "timestamp", "When the system came to know it"),
        *SAID_BY,
    ),
    key=("tariff_id", "fuel", "interval_start_utc"),
    time="interval_start_utc",
    version=("landed_at_utc", "available_at_utc", "file_id"),
    provenance=SAID_BY_NAMES,
)

TABLES = (READINGS, HOURLY, QUARANTINE, METERS, VIRTUAL_METERS, BUILDINGS, WEATHER, CARBON_INTENSITY, PRICES)
