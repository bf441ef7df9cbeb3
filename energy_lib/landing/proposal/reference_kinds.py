"""Files that are no readings: weather, prices, meters and such, told by the names of their columns."""

from __future__ import annotations

import re

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import says
from energy_lib.tables import references, silver

WEATHER = {
    "temperature_c": "temperature air_temperature airtemperature temp temperatur degc temperature_c drybulb",
    "humidity_pct": "humidity rh rltv_hum hum feuchte relativehumidity",
    "irradiance_w_m2": "irradiance ghi irad glbl radiation globalstrahlung solarradiation shortwave",
    "wind_speed_m_s": "wind windspeed wind_speed windgeschwindigkeit",
}
CURRENCIES = {"€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "$": "USD", "USD": "USD", "AUD": "AUD", "DKK": "DKK"}
PRICE_WORDS = "price prices pricing preis prijs prix precio spotpris spot dayahead tariff"


def reference_kind(names: list[str], context: str, file: str, guesses: Guesses) -> bool:
    """Adds `kind` and `columns`; False if the file holds readings."""
    if _of_answers(names, guesses):
        return True
    if any(_is_energy(name) for name in names):
        return False
    return (
        _registry(names, guesses)
        or _carbon(names, guesses)
        or _prices(names, guesses)
        or _weather(names, file, guesses)
    )


def _is_energy(name: str) -> bool:
    other = says(name, PRICE_WORDS) or _price_of(name) is not None or re.search(r"co2|carbon", name, re.IGNORECASE)
    return says(name, "kwh energy reading consumption") and not other


def _registry(names: list[str], guesses: Guesses) -> bool:
    """Meters, virtual ones, buildings or areas, whose columns are named like those of the tables."""
    tables = {
        "virtual_meters": silver.VIRTUAL_METERS,
        "meters": silver.METERS,
        "buildings": silver.BUILDINGS,
        "areas": references.AREAS,
    }
    for kind, table in tables.items():
        known = [column for column in table.column_names if column in names]
        if table.column_names[0] in names and len(known) >= 3 and len(known) > len(names) // 2:
            _columns_alike(kind, known, guesses)
            return True
    return False


def _of_answers(names: list[str], guesses: Guesses) -> bool:
    """Emission factors, tariffs, projects, assets or events: every column that their table needs is there."""
    for table in references.TABLES:
        # A file of meters names areas too.
        if table != references.AREAS and all(column.nullable or column.name in names for column in table.columns):
            _columns_alike(table.name, [column for column in table.column_names if column in names], guesses)
            return True
    return False


def _columns_alike(kind: str, known: list[str], guesses: Guesses) -> None:
    guesses.add("kind", kind, f"columns such as {', '.join(known[:3])} describe {kind}")
    for column in known:
        guesses.add(f"columns.{column}", column, "the names are alike")


def _column_or_constant(guesses: Guesses, column: str, named: str | None, constant: str, unsaid: str) -> None:
    """The file's column, or a constant that is not sure, since nothing in the file says it."""
    guesses.add(
        f"columns.{column}", named or {"constant": constant}, unsaid if named is None else "", sure=named is not None
    )


def _price_of(name: str) -> tuple[str, str] | None:
    """Currency and energy unit of a name such as EUR/MWh or `Pricing [£/kWh]`."""
    match = re.search(r"(€|EUR|£|GBP|\$|USD|AUD|DKK)\s*(?:/|per)\s*([kM]Wh)", name)
    return (CURRENCIES[match[1]], match[2]) if match else None


def _prices(names: list[str], guesses: Guesses) -> bool:
    named = next(((name, priced) for name in names if (priced := _price_of(name)) is not None), None)
    plain = next((name for name in names if says(name, PRICE_WORDS) and "per_kwh" in name.lower()), None)
    if named is None and plain is None:
        return False
    guesses.add("kind", "prices", f"{named[0] if named else plain} is a price")
    tariff = next((name for name in names if says(name, "tariff")), None)
    _column_or_constant(guesses, "tariff_id", tariff, "tariff", "nothing names the tariff: give it a name")
    fuel = next((name for name in names if says(name, "fuel commodity")), None)
    _column_or_constant(guesses, "fuel", fuel, "electricity", "no column names a fuel")
    if named is not None:
        name, (currency, unit) = named
        spec: object = {"column": name, "scale": 0.001} if unit == "MWh" else name
        guesses.add("columns.price_per_kwh", spec, f"the name says the unit {unit}")
        guesses.add("columns.currency", {"constant": currency}, f"{name} says {currency}")
    else:
        guesses.add("columns.price_per_kwh", plain, "the name says the unit")
        currency_column = next((name for name in names if says(name, "currency")), None)
        _column_or_constant(guesses, "currency", currency_column, "EUR", "")
    minutes = next((name for name in names if says(name, "minutes resolution")), None)
    if minutes is not None:
        guesses.add("columns.interval_minutes", minutes, f"{minutes} holds the length")
    return True


def _carbon(names: list[str], guesses: Guesses) -> bool:
    name = next((n for n in names if re.search(r"co2|carbon.?intensity", n, re.IGNORECASE)), None)
    if name is None:
        return False
    guesses.add("kind", "carbon_intensity", f"{name} is an intensity")
    region = next((n for n in names if says(n, "region zone area country")), None)
    _column_or_constant(guesses, "region", region, "region", "nothing names the region")
    method = next((n for n in names if says(n, "method")), None)
    _column_or_constant(guesses, "method", method, "average", "nothing says whether it is average or marginal")
    kilograms = re.search(r"kg", name) is not None
    spec: object = {"column": name, "scale": 1000} if kilograms else name
    guesses.add("columns.intensity_gco2_per_kwh", spec, "the name says kilograms" if kilograms else "grams are assumed")
    return True


def _weather(names: list[str], file: str, guesses: Guesses) -> bool:
    found = {column: next((n for n in names if says(n, known)), None) for column, known in WEATHER.items()}
    if found["temperature_c"] is None:
        return False
    guesses.add("kind", "weather", f"{found['temperature_c']} is weather")
    place = next((n for n in names if says(n, "location station place site")), None)
    _column_or_constant(guesses, "location_id", place, "place", "nothing names the place")
    issued = next((n for n in names if says(n, "issued issue run")), None)
    if issued is not None or "forecast" in file:
        guesses.add("columns.kind", {"constant": "forecast"}, "the file says when it was issued")
    if issued is not None:
        guesses.add("columns.issued_at_utc", issued, f"{issued} says when")
    for column, name in found.items():
        if name is not None:
            guesses.add(f"columns.{column}", name, f"{name} is a word for it", sure="/" in name or "_" in name)
    return True
