"""What hours are accounted with: meters, factors, tariffs, intensities and prices, as arrays and plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from energy_lib.insights.accounts.amounts import Ints
from energy_lib.insights.accounts.hour_means import NEVER, NOTHING, HourMeans, hour_means, with_means_of_past_days
from energy_lib.tables import silver
from energy_lib.vocabulary import Flow, Intensity

Row = dict[str, Any]
US_PER_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Profile:
    """What decides an hour's factor and price: meters with one profile share them."""

    fuel: str
    flow: str
    zone: str
    country: str | None
    subdivision: str | None
    regions: tuple[str, ...]
    contract: str | None
    tariff_id: str | None


@dataclass(frozen=True, slots=True)
class Meter:
    meter_id: str
    profile: Profile
    building_id: str | None
    site_id: str | None
    agreed_capacity_kw: float | None


@dataclass(frozen=True, slots=True)
class Factor:
    """A row of silver.emission_factors, in g per kWh; `landed` in microseconds since the epoch."""

    fuel: str
    region: str
    scope: str
    basis: str
    contract: str | None
    valid_from: date
    valid_to: date | None
    g_per_kwh: float
    calorific_basis: str | None
    publication: str
    edition: str
    landed: int


@dataclass(frozen=True)
class Book:
    """`intensities` by region and method; `prices` and `currencies` by series and fuel; `tariffs` by id and fuel."""

    meters: Mapping[str, Meter]
    factors: tuple[Factor, ...]
    tariffs: Mapping[tuple[str, str], tuple[Row, ...]]
    intensities: Mapping[tuple[str, str], HourMeans]
    prices: Mapping[tuple[str, str], HourMeans]
    currencies: Mapping[tuple[str, str], str]

    def intensity(self, profile: Profile, method: Intensity) -> tuple[str, HourMeans]:
        """The region whose series it is, and the series; those of no length if no region of the meter has one."""
        for region in profile.regions:
            if (region, str(method)) in self.intensities:
                return region, self.intensities[region, str(method)]
        return "", NOTHING

    def foretold(self, origin_hour: int, hours: int) -> Book:
        """The book for the hours after an origin: what its series lack there, they take from the 28 days before."""
        return replace(
            self,
            intensities={k: with_means_of_past_days(v, origin_hour, hours) for k, v in self.intensities.items()},
            prices={k: with_means_of_past_days(v, origin_hour, hours) for k, v in self.prices.items()},
        )


def meters_of(rows: Iterable[Row], buildings: Iterable[Row]) -> dict[str, Meter]:
    """Registers of silver.meters, by id: no virtual ones. A site that a meter lacks is its building's."""
    sites = {row["building_id"]: row["site_id"] for row in buildings}
    return {
        row["meter_id"]: Meter(
            row["meter_id"],
            Profile(
                row["fuel"],
                row["flow"] or str(Flow.IMPORT),
                row["zone"],
                row["country"],
                row["subdivision"],
                tuple(dict.fromkeys(filter(None, (row["carbon_region"], row["country"])))),
                row["supply_contract_id"],
                row["tariff_id"],
            ),
            row["building_id"],
            row["site_id"] or sites.get(row["building_id"]),
            row["agreed_capacity_kw"],
        )
        for row in rows
        if row["registered_by"] != silver.VIRTUAL
    }


def factors_of(rows: Iterable[Row]) -> tuple[Factor, ...]:
    """Factors by their first day of validity, in g per kWh to nine decimals."""
    factors = (
        Factor(
            row["fuel"],
            row["region"],
            row["scope"],
            row["basis"],
            row["supply_contract_id"],
            row["valid_from"],
            row["valid_to"],
            round(row["factor_kgco2e_per_kwh"] * 1000, 9),
            row["calorific_basis"],
            row["publication"],
            row["edition"],
            micros(row["landed_at_utc"]),
        )
        for row in rows
    )
    return tuple(sorted(factors, key=lambda factor: (factor.valid_from, factor.region, factor.contract or "")))


def tariffs_of(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[Row, ...]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["tariff_id"], row["fuel"]), []).append(row)
    return {key: tuple(sorted(rows, key=_place)) for key, rows in found.items()}


def _place(row: Row) -> tuple[Any, ...]:
    """The order in which charges take each other's place: the more special one comes later."""
    first, last = row["from_hour"] or 0, 24 if row["to_hour"] is None else row["to_hour"]
    width = last - first if last > first else last + 24 - first
    return row["charge"], row["days"] != "all", -width, row["valid_from"], first


def micros(instant: Any) -> int:
    """Microseconds since the epoch; NEVER of None."""
    return NEVER if instant is None else round(instant.timestamp() * 1_000_000)


def series_of(rows: pa.Table, names: tuple[str, str], value: str) -> dict[tuple[str, str], HourMeans]:
    """Hour means by the two columns `names`, of rows of silver.carbon_intensity or silver.prices."""
    frame = rows.select([*names, "interval_start_utc", "interval_minutes", value, "available_at_utc"]).to_pandas()
    found = {}
    for key, part in frame.groupby(list(names), sort=True):
        start, available = (_as_micros(part[name]) for name in ("interval_start_utc", "available_at_utc"))
        minutes = part["interval_minutes"].to_numpy(np.int64)
        found[str(key[0]), str(key[1])] = hour_means(start // US_PER_MINUTE, minutes, part[value].to_numpy(), available)
    return found


def _as_micros(stamps: Any) -> Ints:
    return np.asarray(stamps.dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64))
