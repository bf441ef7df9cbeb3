"""The hours of a virtual meter from those of its registers: the kernel of cleaning and of as-of reads. No Spark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.cleaning.hourly import FLAG_BITS, FLAG_NAMES, QUALITY_CODES, QUALITY_NAMES
from energy_lib.cleaning.virtual_meters import Term, VirtualMeter
from energy_lib.tables import silver

Ints = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
NAT = np.iinfo(np.int64).min


def virtual_hours(hours: pd.DataFrame, virtual: VirtualMeter) -> pd.DataFrame:
    """Rows of silver.hourly_readings of a virtual meter, in the order of time.

    `hours`: rows of silver.hourly_readings of its registers, in any order, with timestamps as naive UTC; others are
    left out. The result does not depend on their order. An hour needs a value of every term that counts in it: if one
    is missing, the hour has no row.

    Of the terms' hours it has the signed sums of the energies, of what was read only if of each term something was,
    the worst quality, the largest imputed share with its method, all flags, the first suspicion, and the latest time
    at which one of them became known.
    """
    sign_of = {term.meter_id: term.sign for term in virtual.terms}
    known = hours[hours["meter_id"].isin(sign_of) & hours["energy_kwh"].notna()]
    known = known.sort_values(["interval_start_utc", "meter_id"], ignore_index=True)
    start = _instants(known["interval_start_utc"], NAT)
    signs = known["meter_id"].map(sign_of).to_numpy(np.float64)
    counts = _counts(known["meter_id"].to_numpy(), start, virtual.terms)
    known, start, signs = known[counts], start[counts], signs[counts]
    if known.empty:
        return pd.DataFrame(columns=list(silver.HOURLY.column_names))
    first = np.flatnonzero(np.r_[True, start[1:] != start[:-1]])
    at = start[first]
    needed: Ints = np.sum([_in_force(term, at) for term in virtual.terms], axis=0)
    summed = _summed(known, signs, first, virtual)
    complete: npt.NDArray[np.bool_] = np.diff(np.r_[first, len(start)]) == needed
    return summed[complete].reset_index(drop=True)


def _summed(known: pd.DataFrame, signs: npt.NDArray[np.float64], first: Ints, virtual: VirtualMeter) -> pd.DataFrame:
    """One row an hour; the hours of `known` begin at the places `first`."""
    energy, measured = (known[name].to_numpy(np.float64) * signs for name in ("energy_kwh", "measured_kwh"))
    quality = np.array([QUALITY_CODES[name] for name in known["quality"]])
    flags = np.array([sum(FLAG_BITS.get(flag, 0) for flag in row) for row in known["flags"]], dtype=np.int64)
    share = known["imputed_share"].to_numpy(np.float32)
    # The first of the terms with the largest share, by their ids: the order within the hour.
    hour = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(known)]))
    most_imputed = np.lexsort((np.arange(len(known)), -share, hour))[first]
    suspect = np.minimum.reduceat(_instants(known["suspect_from_utc"], NEVER), first)
    available = np.maximum.reduceat(_instants(known["available_at_utc"], NAT), first)
    start = _stamps(_instants(known["interval_start_utc"], NAT)[first])
    columns = {
        "meter_id": virtual.meter_id,
        "fuel": virtual.fuel,
        "flow": virtual.flow,
        "interval_start_utc": start,
        "energy_kwh": np.add.reduceat(energy, first),
        "measured_kwh": np.add.reduceat(measured, first),
        "quality": QUALITY_NAMES[np.maximum.reduceat(quality, first)],
        "imputed_share": share[most_imputed],
        "imputed_by": known["imputed_by"].to_numpy(dtype=object)[most_imputed],
        "flags": FLAG_NAMES[np.bitwise_or.reduceat(flags, first)],
        "suspect_from_utc": _stamps(np.where(suspect == NEVER, NAT, suspect)),
        "available_at_utc": _stamps(available),
        "interval_month": start.astype("datetime64[M]").astype("datetime64[D]").astype(object),
    }
    return pd.DataFrame(columns)[list(silver.HOURLY.column_names)]


def _counts(meters: npt.NDArray[np.object_], start: Ints, terms: Iterable[Term]) -> npt.NDArray[np.bool_]:
    """Whether each hour of a register is one in which its term counts."""
    counts = np.zeros(len(start), dtype=bool)
    for term in terms:
        counts |= (meters == term.meter_id) & _in_force(term, start)
    return counts


def _in_force(term: Term, start: Ints) -> npt.NDArray[np.bool_]:
    low = NAT if term.valid_from is None else _microseconds(term.valid_from)
    high = NEVER if term.valid_to is None else _microseconds(term.valid_to)
    return (start >= low) & (start < high)


def _microseconds(instant: datetime) -> int:
    return round((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _instants(stamps: pd.Series[pd.Timestamp], none: int) -> Ints:
    """Microseconds since the epoch, `none` where there is no stamp."""
    micros = stamps.to_numpy("datetime64[us]").view(np.int64)
    return np.where(micros == NAT, none, micros)


def _stamps(micros: Ints) -> npt.NDArray[np.datetime64]:
    return micros.view("datetime64[us]").astype("datetime64[ns]")
