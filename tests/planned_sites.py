"""Sites to plan in tests: random ones for Hypothesis, and an oracle with every switch in every hour."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from energy_lib.insights.schedules.default_run import default_power
from energy_lib.insights.schedules.site import Battery, DemandCharge, Generation, Run, Site

LIMIT_PRICE = 10.0


def run_of(first: int, end: int, hours: int, **values: float) -> Run:
    """A run within a horizon of so many hours, that runs from its window's start if nobody plans."""
    given = {"asset_id": "charger", "energy_kwh": 12.0, "power_kw": 6.0, "lowest_kw": 0.0, "minimum_hours": 1} | values
    default = np.zeros(hours)
    power = default_power(given["energy_kwh"], given["power_kw"], int(given["minimum_hours"]))
    default[first:end] = np.pad(power, (0, hours))[: end - first]
    return Run(first=first, end=end, default_kw=default, **given)  # type: ignore[arg-type]


def site_of(net_kw: list[float], import_price: list[float], **values: object) -> Site:
    """A site whose upper quantile is its median, without limit, that gets nothing for what it exports."""
    hours = len(net_kw)
    plain: dict[str, object] = {
        "net_kw": np.array(net_kw, dtype=float),
        "upper_kw": np.array(net_kw, dtype=float),
        "import_price": np.array(import_price, dtype=float),
        "export_price": np.zeros(hours),
        "limit_kw": np.full(hours, np.inf),
        "limit_price": LIMIT_PRICE,
    }
    return Site(**(plain | values))  # type: ignore[arg-type]


@st.composite
def batteries(draw: st.DrawFn) -> Battery:
    capacity = draw(st.sampled_from([5.0, 20.0]))
    start = draw(st.sampled_from([0.1, 0.5, 0.9]))
    return Battery(
        asset_id="battery",
        charge_kw=draw(st.sampled_from([2.0, 7.0])),
        discharge_kw=draw(st.sampled_from([3.0, 6.0])),
        lowest_kwh=0.1 * capacity,
        highest_kwh=0.9 * capacity,
        start_kwh=start * capacity,
        efficiency=draw(st.sampled_from([0.8, 0.9, 1.0])),
        wear_per_kwh=draw(st.sampled_from([0.0, 0.02])),
        end_kwh=draw(st.sampled_from([None, 0.1 * capacity])),
        first_share=draw(st.sampled_from([1.0, 0.25])),
    )


@st.composite
def runs(draw: st.DrawFn, hours: int) -> Run:
    first = draw(st.integers(0, hours - 1))
    end = draw(st.integers(first + 1, hours))
    power, lowest = draw(st.sampled_from([(6.0, 0.0), (6.0, 3.0), (4.0, 4.0)]))
    energy = draw(st.sampled_from([4.0, 8.0, 12.0, 24.0]))
    return run_of(
        first, end, hours, energy_kwh=energy, power_kw=power, lowest_kw=lowest, minimum_hours=draw(st.integers(1, 3))
    )


@st.composite
def sites(draw: st.DrawFn, hours: int = 8) -> Site:
    """Sites that import, export and do both, with prices of every sign, limits that hold and that cannot."""

    def each(*values: float) -> np.ndarray:
        return np.array(draw(st.lists(st.sampled_from(values), min_size=hours, max_size=hours)))

    net = each(-8.0, -2.0, 0.0, 1.0, 5.0, 9.0)
    has_limit, has_demand, has_carbon = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    return Site(
        net_kw=net,
        upper_kw=net + each(0.0, 1.0, 3.0),
        import_price=each(-0.2, -0.05, 0.0, 0.1, 0.2, 0.5),
        export_price=each(-0.1, 0.0, 0.05, 0.3),
        limit_kw=each(4.0, 8.0, 20.0) if has_limit else np.full(hours, np.inf),
        limit_price=LIMIT_PRICE,
        intensity_kg_per_kwh=each(0.0, 0.1, 0.4) if has_carbon else None,
        carbon_price=draw(st.sampled_from([0.0, 0.2])),
        batteries=draw(st.lists(batteries(), max_size=2)),
        runs=draw(st.lists(runs(hours), max_size=2)),
        generation=[Generation("roof", each(0.0, 2.0, 6.0))] if draw(st.booleans()) else [],
        demand=[DemandCharge(2.0, 6.0, each(0.0, 1.0) > 0)] if has_demand else [],
    )


class Oracle:
    """The same problem by scipy.optimize.milp, written down hour by hour: import, export and every switch in each."""

    def __init__(self, site: Site) -> None:
        self.site, self.names = site, {}  # type: tuple[Site, dict[tuple[object, ...], int]]
        self.cost: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def column(
        self, *name: object, cost: float = 0.0, lower: float = 0.0, upper: float = np.inf, whole: int = 0
    ) -> int:
        self.names[name] = len(self.cost)
        for values, value in ((self.cost, cost), (self.lower, lower), (self.upper, upper)):
            values.append(float(value))
        self.whole.append(whole)
        return self.names[name]

    def row(self, terms: dict[int, float], lower: float = -np.inf, upper: float = np.inf) -> None:
        self.rows.append((terms, lower, upper))

    def objective(self) -> float:
        """The least objective; raises AssertionError if there is no plan."""
        site = self.site
        changes: list[dict[int, float]] = [{} for _ in range(site.hours)]
        for i, battery in enumerate(site.batteries):
            self._battery(i, battery, changes)
        for i, run in enumerate(site.runs):
            self._run(i, run, changes)
        for i, each in enumerate(site.generation):
            for t in range(site.hours):
                changes[t][self.column("curtail", i, t, upper=each.forecast_kw[t])] = 1.0
        peaks = [
            self.column("peak", k, cost=d.price_per_kw, lower=d.expected_peak_kw) for k, d in enumerate(site.demand)
        ]
        for t, change in enumerate(changes):
            self._hour(t, change, peaks)
        matrix = np.zeros((len(self.rows), len(self.cost)))
        for i, (terms, _, _) in enumerate(self.rows):
            for column, value in terms.items():
                matrix[i, column] = value
        bounds = [(lower, upper) for _, lower, upper in self.rows]
        found = milp(
            np.array(self.cost), integrality=np.array(self.whole), bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(matrix, *np.array(bounds).T), options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        assert found.success, found.message
        return float(found.fun)

    def _battery(self, i: int, battery: Battery, changes: list[dict[int, float]]) -> None:
        before: int | None = None
        for t in range(self.site.hours):
            share = battery.first_share if t == 0 else 1.0
            c = self.column("c", i, t, upper=battery.charge_kw * share)
            d = self.column("d", i, t, cost=battery.wear_per_kwh, upper=battery.discharge_kw * share)
            u = self.column("u", i, t, upper=1, whole=1)
            last = t == self.site.hours - 1
            end = battery.start_kwh if battery.end_kwh is None else battery.end_kwh
            low = end if last else battery.lowest_kwh
            s = self.column("s", i, t, lower=low, upper=battery.highest_kwh)
            self.row({c: 1, u: -battery.charge_kw}, upper=0)
            self.row({d: 1, u: battery.discharge_kw}, upper=battery.discharge_kw)
            terms = {s: 1.0, c: -battery.one_way, d: 1 / battery.one_way}
            start = battery.start_kwh
            if before is not None:
                terms[before], start = -1.0, 0.0
            self.row(terms, start, start)
            changes[t] |= {c: 1.0, d: -1.0}
            before = s

    def _run(self, i: int, run: Run, changes: list[dict[int, float]]) -> None:
        hours = range(run.first, run.end)
        power = {t: self.column("x", i, t, upper=run.power_kw) for t in hours}
        on = {t: self.column("on", i, t, upper=1, whole=1) for t in hours}
        self.row(dict.fromkeys(power.values(), 1.0), run.energy_kwh, run.energy_kwh)
        for t in hours:
            share = run.first_share if t == run.first else 1.0
            self.row({power[t]: 1, on[t]: -run.power_kw * share}, upper=0)
            self.row({power[t]: 1, on[t]: -run.floor_kw * share}, lower=0)
            # Off before and on now: on for the minimum, or never begun.
            for ahead in range(1, run.minimum_hours):
                terms = {on[t]: -1.0}
                if t > run.first:
                    terms[on[t - 1]] = 1.0
                if t + ahead < run.end:
                    terms[on[t + ahead]] = terms.get(on[t + ahead], 0.0) + 1.0
                self.row(terms, lower=0)
            changes[t][power[t]] = 1.0

    def _hour(self, t: int, change: dict[int, float], peaks: list[int]) -> None:
        site = self.site
        bought = self.column("import", t, cost=site.buy[t])
        sold = self.column("export", t, cost=-site.sell[t])
        way = self.column("way", t, upper=1, whole=1)
        minus = {column: -value for column, value in change.items()}
        self.row({bought: 1.0, sold: -1.0} | minus, site.net_kw[t], site.net_kw[t])
        self.row({bought: 1, way: -200}, upper=0)
        self.row({sold: 1, way: 200}, upper=200)
        if np.isfinite(site.limit_kw[t]):
            relaxed = self.column("relaxed", t, cost=site.limit_price)
            self.row(change | {relaxed: -1.0}, upper=site.limit_kw[t] - site.upper_kw[t])
        for peak, charge in zip(peaks, site.demand, strict=True):
            if charge.counts[t]:
                self.row(minus | {peak: 1.0}, lower=site.upper_kw[t])
