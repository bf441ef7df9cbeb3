"""What planning flexibility would have saved in a year of real prices and intensities, beside simpler ways.

    python -m benchmarks.flexibility --data ../shared/data/cambridge [--year 2022] [--sites 10]

Each day at 00:00 UTC every site is planned for 48 h and the first 24 are carried out as planned, whatever the load
turns out to be. Known at the origin: readings before it, prices of its own day (day-ahead), the mean of the last 28
days by hour for later prices and for the intensity. The load is forecast by the benchmark itself from readings before
the origin (benchmarks/flexible_sites.py); the folder has the average intensity of the grid, which stands in for the
marginal one. What was really paid and emitted is reckoned with real loads, prices and intensities. Perfect foresight
plans likewise, 48 h at a time, with the real values.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.flexible_sites import (
    BATTERY_HOURS,
    CHARGER_SHARE,
    DAY,
    EFFICIENCY,
    HIGHEST,
    HORIZON,
    LIMIT_LEVEL,
    LOWEST,
    WEAR,
    Floats,
    Market,
    ReplayedSite,
    read_market,
    read_sites,
)
from benchmarks.measure import machine
from energy_lib.insights.schedules.assets import site_assets
from energy_lib.insights.schedules.plan import plan_site
from energy_lib.insights.schedules.site import DemandCharge, Site
from energy_lib.insights.schedules.solver import Solver
from energy_lib.insights.schedules.terms import PEAK_DAYS

LIMIT_PRICE = 10.0
CHARGE_HOURS, DISCHARGE_HOURS = (0, 5), (16, 20)
WAYS = ("doing nothing", "simple timer", "plan", "perfect foresight")


@dataclass
class Replay:
    """What one way did at one site, kW an hour; `relaxed`: the plan foresaw that the limit would not hold."""

    change: Floats
    discharge: Floats
    relaxed: NDArray[np.bool_]
    past: dict[tuple[str, int], tuple[float | None, float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prices:
    carbon: float
    demand: float


def problem(site: ReplayedSite, market: Market, prices: Prices, origin: int, past: Replay, *, perfect: bool) -> Site:
    """What is planned at an origin, from what was known or from what came."""
    ahead = slice(origin, origin + HORIZON)
    median, upper = (site.load[ahead], site.load[ahead]) if perfect else site.forecasts.at(origin)
    assets = site_assets(site.assets, market.local_hours(origin), HORIZON, past.past, {})
    done = slice(origin - PEAK_DAYS * DAY, origin)
    reached = float((site.load[done] + past.change[done]).max(initial=0.0))
    demand = [
        DemandCharge(prices.demand, reached, market.months[ahead] == month) for month in np.unique(market.months[ahead])
    ]
    intensity = market.intensity
    return Site(
        net_kw=median,
        upper_kw=upper,
        import_price=market.price[ahead] if perfect else market.prices_at(origin),
        export_price=np.zeros(HORIZON),
        limit_kw=assets.limit_kw,
        limit_price=LIMIT_PRICE,
        intensity_kg_per_kwh=intensity[ahead] if perfect else market.expected(intensity, origin),
        carbon_price=prices.carbon,
        batteries=assets.batteries,
        runs=assets.runs,
        demand=demand if prices.demand else [],
    )


def planned(
    site: ReplayedSite, market: Market, prices: Prices, origins: range, *, perfect: bool
) -> tuple[Replay, float]:
    """A year planned day by day, and the CPU seconds of the plans."""
    hours = len(site.load)
    done, solver, taken = Replay(np.zeros(hours), np.zeros(hours), np.zeros(hours, dtype=bool)), Solver(), 0.0
    for origin in origins:
        given = problem(site, market, prices, origin, done, perfect=perfect)
        started = time.process_time()
        plan = plan_site(given, solver)
        taken += time.process_time() - started
        assert not isinstance(plan, str), plan
        first = slice(origin, origin + DAY)
        done.change[first] = plan.actions.change_kw[:DAY]
        done.discharge[first] = plan.actions.discharge.sum(axis=0)[:DAY]
        done.relaxed[first] = plan.result.relaxed_kw[:DAY] > 1e-6
        charger = plan.actions.runs.sum(axis=0)
        held = plan.actions.state_of_charge(plan.site)[0]
        done.past = {("charger", hour - DAY): (charger[hour], None) for hour in range(DAY)}
        done.past[("battery", -1)] = (None, held[DAY - 1])
    return done, taken


def unplanned(site: ReplayedSite, market: Market, origins: range, *, timer: bool) -> Replay:
    """The charger runs when its window begins. `timer`: the battery fills at night and empties in the evening."""
    hours = len(site.load)
    done = Replay(np.zeros(hours), np.zeros(hours), np.zeros(hours, dtype=bool))
    for origin in origins:
        local = market.local_hours(origin)
        assets = site_assets(site.assets, local, HORIZON, {}, {})
        first = slice(origin, origin + DAY)
        done.change[first] = sum((run.default_kw for run in assets.runs), np.zeros(HORIZON))[:DAY]
        if timer:
            battery = assets.batteries[0]
            room = battery.highest_kwh - battery.lowest_kwh
            clock = local.hour_of_day[local.origin : local.origin + DAY]
            filling, emptying = ((clock >= begin) & (clock < end) for begin, end in (CHARGE_HOURS, DISCHARGE_HOURS))
            discharge = np.where(emptying, room * battery.one_way / emptying.sum(), 0.0)
            done.change[first] += np.where(filling, room / battery.one_way / filling.sum(), 0.0) - discharge
            done.discharge[first] = discharge
    return done


@dataclass(frozen=True)
class Result:
    """What a way cost at a site in the year, and hours above the limit: all, and those its plan had not relaxed."""

    money: float
    carbon_kg: float
    above: int
    above_unforeseen: int
    relaxed: int


def result(site: ReplayedSite, market: Market, prices: Prices, done: Replay, origins: range) -> Result:
    """Real cost, peaks, carbon and hours above the limit of the days that were carried out."""
    year = slice(origins[0], origins[-1] + DAY)
    net = (site.load + done.change)[year]
    paid = np.where(net > 0, net * market.price[year], 0.0).sum() + WEAR * done.discharge[year].sum()
    peaks = sum(max(net[market.months[year] == month].max(), 0.0) for month in np.unique(market.months[year]))
    above = net > site.limit_kw + 1e-6
    return Result(
        money=float(paid + prices.demand * peaks),
        carbon_kg=float(net @ market.intensity[year]),
        above=int(above.sum()),
        above_unforeseen=int((above & ~done.relaxed[year]).sum()),
        relaxed=int(done.relaxed[year].sum()),
    )


def replays(site: ReplayedSite, market: Market, prices: Prices, origins: range) -> tuple[dict[str, Result], float]:
    """All ways at one site, and the CPU milliseconds of a plan."""
    known, taken = planned(site, market, prices, origins, perfect=False)
    done = {
        "doing nothing": unplanned(site, market, origins, timer=False),
        "simple timer": unplanned(site, market, origins, timer=True),
        "plan": known,
        "perfect foresight": planned(site, market, prices, origins, perfect=True)[0],
    }
    results = {way: result(site, market, prices, each, origins) for way, each in done.items()}
    return results, 1e3 * taken / len(origins)


def summary(results: list[dict[str, Result]], hours: int) -> list[str]:
    """A line a way: what it saved beside doing nothing, as a share of perfect foresight, and how the limit held."""

    def total(way: str, name: str) -> float:
        return float(sum(getattr(each[way], name) for each in results))

    nothing, best = WAYS[0], WAYS[-1]
    lines = [
        f"{'':<18} {'saved':>9} {'of bill':>8} {'of perfect':>10} {'tCO2e':>7} {'of perfect':>10} {'limit held':>10} "
        f"{'above':>6} {'not foreseen':>12}"
    ]
    for way in WAYS:
        saved, spared = (total(nothing, name) - total(way, name) for name in ("money", "carbon_kg"))
        most, cleanest = (total(nothing, name) - total(best, name) for name in ("money", "carbon_kg"))
        above = total(way, "above")
        lines.append(
            f"{way:<18} {saved:>9,.0f} {saved / total(nothing, 'money'):>8.2%} {saved / most:>10.1%} "
            f"{spared / 1000:>7.1f} {spared / cleanest:>10.1%} {1 - above / hours / len(results):>10.2%} "
            f"{above:>6,.0f} {total(way, 'above_unforeseen'):>12,.0f}"
        )
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, help="folder of the Cambridge data")
    arguments.add_argument(
        "--year", type=int, default=2022, help="year that is replayed; prices reach from 2019 to 2022"
    )
    arguments.add_argument("--sites", type=int, default=10)
    arguments.add_argument("--days", type=int, default=363, help="days from the second of January on")
    arguments.add_argument("--demand", type=float, default=4.0, help="charge per kW of a month's peak; 0: none")
    arguments.add_argument("--carbon", type=float, default=0.1, help="what a kg of carbon counts for in the plan")
    given = arguments.parse_args()
    folder = given.data / "bench"
    market = read_market(folder, date(given.year - 1, 1, 1), date(given.year + 1, 1, 1))
    sites = read_sites(folder, given.year, given.sites)
    start = (date(given.year, 1, 2) - date(given.year - 1, 1, 1)).days * DAY
    origins = range(start, start + given.days * DAY, DAY)
    prices = Prices(given.carbon, given.demand)
    print(f"{len(sites)} meters, {given.days} days of {given.year}; {machine()}")
    print(
        f"battery: {BATTERY_HOURS:g} h of the mean load, emptied in 2 h, {EFFICIENCY:.0%} there and back, "
        f"{LOWEST:.0%} to {HIGHEST:.0%}, wear {WEAR:g} a kWh; charger: {CHARGER_SHARE:.0%} of a mean day between 17:00 "
        f"and 07:00, in 4 h at full power; limit: {LIMIT_LEVEL:.0%} of the hours of the year before; demand charge "
        f"{given.demand:g} per kW and month; carbon counts {given.carbon:g} per kg"
    )
    results = []
    for site in sites:
        ways, milliseconds = replays(site, market, prices, origins)
        results.append(ways)
        nothing = ways[WAYS[0]].money
        shares = "  ".join(f"{way} {nothing - ways[way].money:,.0f}" for way in WAYS[1:])
        print(f"{site.name:<8} bill {nothing:>10,.0f}  saved: {shares}  ({milliseconds:.1f} ms a plan)", flush=True)
    print(*summary(results, given.days * DAY), sep="\n")


if __name__ == "__main__":
    main()
