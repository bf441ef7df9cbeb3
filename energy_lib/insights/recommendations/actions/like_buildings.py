"""A building against like ones: weather-normalised energy, and base load, per m2."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import (
    ALL_FUELS,
    HEATING,
    Effort,
    Finding,
    Recommendation,
    Result,
    Suppressed,
)
from energy_lib.insights.recommendations.meter_year import MeterYear, Peers
from energy_lib.insights.recommendations.peers import LEAST_BUILDINGS

# A gap counts from this share above the median, and above the upper quartile.
LEAST_GAP = 1.15


def _peers(year: MeterYear) -> Peers | Suppressed:
    if year.meter.floor_area_m2 is None:
        return Suppressed("no floor area is known")
    if year.meter.use is None:
        return Suppressed("the use of its building is not known")
    if year.peers is None:
        return Suppressed(f"fewer than {LEAST_BUILDINGS} buildings of its use and fuel can be compared")
    return year.peers


def _kept(own: float, quartiles: tuple[float, float, float]) -> tuple[float, float, float] | None:
    """Shares of the own value above the upper quartile, the median, the lower quartile; None if it is not far above."""
    lower, median, upper = quartiles
    if own <= LEAST_GAP * median or own <= upper:
        return None
    return (own - upper) / own, (own - median) / own, (own - lower) / own


def gap_kernel(year: MeterYear) -> Result:
    peers = _peers(year)
    if isinstance(peers, Suppressed):
        return peers
    shares = _kept(peers.own, peers.quartiles)
    if shares is None:
        return None
    return Finding(
        what=f"It uses {peers.own:.0f} kWh per m2 and year; the median of {peers.buildings} like buildings is "
        f"{peers.quartiles[1]:.0f}.",
        assumption="Buildings of the same use can do the same; weather is taken out, hours of use are not.",
        evidence={"own_kwh_m2": peers.own, "quartiles_kwh_m2": list(peers.quartiles), "buildings": peers.buildings},
        strength=0.4,
        interval_is="the upper and lower quartile in place of the median",
        avoidable=year.kwh * shares[1],
        low=year.kwh * shares[0],
        high=year.kwh * shares[2],
    )


def base_kernel(year: MeterYear) -> Result:
    peers = _peers(year)
    if isinstance(peers, Suppressed):
        return peers
    shares = _kept(peers.own_base, peers.base_quartiles)
    if shares is None:
        return None
    base = year.base_kw[year.grid.block == 0]
    now = float(np.median(base[~np.isnan(base)])) if (~np.isnan(base)).any() else 0.0
    hours = np.ones(year.grid.size)
    return Finding(
        what=f"Its base load is {peers.own_base:.1f} W per m2; the median of {peers.buildings} like buildings is "
        f"{peers.base_quartiles[1]:.1f}.",
        assumption="Buildings of the same use can do with the same base load.",
        evidence={"own_w_m2": peers.own_base, "quartiles_w_m2": list(peers.base_quartiles), "base_kw": now},
        strength=0.5,
        interval_is="the upper and lower quartile in place of the median",
        avoidable=hours * now * shares[1],
        low=hours * now * shares[0],
        high=hours * now * shares[2],
    )


LIKE_BUILDING_GAP = Recommendation(
    name="like_building_gap",
    title="Find out why like buildings use less",
    looks_at="weather-normalised kWh per m2 of at least eight buildings of the same use",
    kernel=gap_kernel,
    counts_last=True,
    effort=Effort.MEDIUM,
)
BASE_LOAD_GAP = Recommendation(
    name="base_load_gap",
    title="Bring the base load to that of like buildings",
    looks_at="base load per m2 of at least eight buildings of the same use",
    kernel=base_kernel,
    counts_last=True,
    # The lowest hours of a heating fuel are heating.
    fuels=ALL_FUELS - HEATING,
)
