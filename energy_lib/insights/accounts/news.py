"""What changed in the references since the last run, and which months of which meters it touches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from energy_lib.insights.accounts.book import Meter, Row
from energy_lib.insights.accounts.hour_grid import local_month, next_month
from energy_lib.intervals import FIRST_INSTANT
from energy_lib.tables import silver
from energy_lib.tables.table import Table
from energy_lib.vocabulary import Fuel

# Raise it when the rules of accounting change: every month is then computed, and restated where it differs.
RULES = 1
FOR_EVER = "9999-12-31"
# (kind, name, fuel, first day, first day after, hash): what may be changed, and the days that it says something of.
Entry = tuple[str, str, str, str, str, str]
METER, FACTOR, TARIFF, INTENSITY, PRICE, RULE = "meter", "factor", "tariff", "intensity", "price", "rules"


def entries_of_rows(table: Table, kind: str, name: str, rows: Iterable[Row]) -> set[Entry]:
    """One for each row of a small reference table; which file said it is no news.

    A factor says something also of the days after its last one, on which it is the last that was valid.
    """
    found = set()
    for row in rows:
        content = [(c, row[c]) for c in table.column_names if c not in silver.SAID_BY_NAMES]
        first = row.get("valid_from") or date.min
        last = FOR_EVER if kind == FACTOR or row.get("valid_to") is None else row["valid_to"].isoformat()
        found.add((kind, str(row[name]), str(row["fuel"]), first.isoformat(), last, _digest(content)))
    return found


def entries_of_meters(meters: Iterable[Meter]) -> set[Entry]:
    return {(METER, m.meter_id, m.profile.fuel, date.min.isoformat(), FOR_EVER, _digest(m)) for m in meters}


def entries_of_series(kind: str, rows: pa.Table, names: Sequence[str], value: str) -> set[Entry]:
    """One for each series and UTC month of silver.carbon_intensity or silver.prices, whatever the rows' order.

    `names`: the columns that tell series apart: first the region or the tariff, then the fuel if there is one.
    """
    stamps = {name: rows[name].cast(pa.int64()).to_numpy() for name in ("interval_start_utc", "available_at_utc")}
    numbers = pd.DataFrame(stamps | {name: rows[name].to_numpy() for name in ("interval_minutes", value)})
    frame = rows.select(list(names)).to_pandas()
    frame["_month"] = stamps["interval_start_utc"].astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    frame["_hash"] = pd.util.hash_pandas_object(numbers, index=False).to_numpy()
    found = set()
    for key, part in frame.groupby([*names, "_month"]):
        month = date(1970 + key[-1] // 12, key[-1] % 12 + 1, 1)
        fuel = key[1] if "fuel" in names else str(Fuel.ELECTRICITY)
        digest = format(int(np.bitwise_xor.reduce(part["_hash"].to_numpy(np.uint64))), "x")
        days = (month.isoformat(), next_month(month).isoformat())
        found.add((kind, str(key[0]), str(fuel), *days, " ".join([*map(str, key[1:-1]), digest])))
    return found


def rule_entry() -> set[Entry]:
    return {(RULE, "", "", date.min.isoformat(), FOR_EVER, str(RULES))}


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


def as_text(entries: set[Entry]) -> str:
    return json.dumps(sorted(entries))


def from_text(text: str | None) -> set[Entry]:
    return {tuple(entry) for entry in json.loads(text)} if text else set()


def earliest_month(changed: Iterable[Entry]) -> date:
    """No local month before it is touched."""
    first = max(min(date.fromisoformat(entry[3]) for entry in changed), FIRST_INSTANT.date())
    return (first - timedelta(days=1)).replace(day=1)


def touched_months(
    changed: Iterable[Entry],
    meters: Mapping[str, Meter],
    known: Mapping[str, set[date]],
    series_of: Mapping[str, set[str]],
) -> set[tuple[str, date]]:
    """(meter, local month) that the changed entries say something of, among the `known` months of each meter.

    `series_of`: the price series of each tariff.
    """
    found: set[tuple[str, date]] = set()
    for entry in changed:
        for meter_id in known:
            meter = meters.get(meter_id)
            if meter is None or _concerns(entry, meter, series_of):
                found |= {(meter_id, month) for month in known[meter_id] if _overlaps(entry, month, meter)}
    return found


def _concerns(entry: Entry, meter: Meter, series_of: Mapping[str, set[str]]) -> bool:
    kind, name, fuel = entry[:3]
    if kind == RULE:
        return True
    if kind == METER:
        return name == meter.meter_id
    profile = meter.profile
    if fuel != profile.fuel:
        return False
    if kind in (FACTOR, INTENSITY):
        return name in profile.regions
    tariff = profile.tariff_id or ""
    return name == tariff if kind == TARIFF else name in series_of.get(tariff, ())


def _overlaps(entry: Entry, month: date, meter: Meter | None) -> bool:
    first, last = date.fromisoformat(entry[3]), date.fromisoformat(entry[4])
    if entry[0] in (INTENSITY, PRICE) and meter is not None:
        zone = meter.profile.zone
        hours = (_hour(first), _hour(last) - 1)
        return local_month(zone, hours[0]) <= month <= local_month(zone, hours[1])
    return first < next_month(month) and month < last


def _hour(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 24


def months_of_days(days: Iterable[tuple[str, date]], meters: Mapping[str, Meter]) -> set[tuple[str, date]]:
    """(meter, local month) of the hours of UTC days; of meters that are known."""
    found = set()
    for meter_id, day in days:
        if meter_id in meters:
            zone = meters[meter_id].profile.zone
            found |= {(meter_id, local_month(zone, _hour(day))), (meter_id, local_month(zone, _hour(day) + 23))}
    return found
