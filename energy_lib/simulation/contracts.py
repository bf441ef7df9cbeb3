"""What the utility's energy costs and emits, and what its sites can plan: tariffs, emission factors, assets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.shipped import ROOT
from energy_lib.simulation.market import CURRENCY, TARIFFS
from energy_lib.simulation.portfolio import BUSINESS, DOMESTIC, GREEN_CONTRACT, REGION, SITES, Registry
from energy_lib.vocabulary import Flow, Fuel

UK_FACTORS = ROOT / "conf" / "references" / "uk_emission_factors" / "factors.csv"
VAT = {DOMESTIC: 0.05, BUSINESS: 0.2}
CAPACITY_OVER_PEAK = 1.6
AGREED_OVER_PEAK, OVERSIZED_OVER_PEAK = 1.2, 2.4
# Charges without VAT: tariff, fuel, flow, charge, rate, series, days, hours. The homes' gas becomes cheaper in April.
CHARGES = (
    (DOMESTIC, "electricity", "import", "standing_per_day", 0.52, None, "all", None, None),
    (DOMESTIC, "electricity", "import", "unit_rate", 0.29, None, "all", None, None),
    (DOMESTIC, "electricity", "import", "unit_rate", 0.13, None, "all", 0, 5),
    (DOMESTIC, "electricity", "export", "unit_rate", 0.12, None, "all", None, None),
    (DOMESTIC, "gas", "import", "standing_per_day", 0.29, None, "all", None, None),
    (f"{DOMESTIC}_flat", "electricity", "import", "standing_per_day", 0.52, None, "all", None, None),
    (f"{DOMESTIC}_flat", "electricity", "import", "unit_rate", 0.25, None, "all", None, None),
    (BUSINESS, "electricity", "import", "standing_per_day", 1.1, None, "all", None, None),
    (BUSINESS, "electricity", "import", "price_series", 0.03, TARIFFS[Fuel.ELECTRICITY], "all", None, None),
    (BUSINESS, "electricity", "import", "demand_per_kw_month", 6.4, None, "weekdays", 16, 19),
    (BUSINESS, "electricity", "import", "capacity_per_kw_month", 1.2, None, "all", None, None),
    (BUSINESS, "gas", "import", "standing_per_day", 0.9, None, "all", None, None),
    (BUSINESS, "gas", "import", "price_series", 0.01, TARIFFS[Fuel.GAS], "all", None, None),
    (f"{BUSINESS}_fixed", "electricity", "import", "standing_per_day", 1.1, None, "all", None, None),
    (f"{BUSINESS}_fixed", "electricity", "import", "unit_rate", 0.27, None, "all", None, None),
    (f"{BUSINESS}_fixed", "electricity", "import", "demand_per_kw_month", 6.4, None, "weekdays", 16, 19),
    (f"{BUSINESS}_fixed", "electricity", "import", "capacity_per_kw_month", 1.2, None, "all", None, None),
)
GAS_RATES = (0.066, 0.058)
GENERATION_KW_PER_ROOF_M2 = 0.06


def tariffs(first: pd.Timestamp) -> pd.DataFrame:
    """Columns as silver.tariffs, from the year before the `first` day on."""
    columns = ["tariff_id", "fuel", "flow", "charge", "rate", "price_series_id", "days", "from_hour", "to_hour"]
    since, april = f"{first.year - 1}-01-01", f"{first.year}-04-01"
    table = pd.DataFrame(CHARGES, columns=columns).assign(valid_from=since, valid_to=None)
    gas = {"tariff_id": DOMESTIC, "fuel": "gas", "flow": "import", "charge": "unit_rate", "days": "all"}
    changing = [
        {**gas, "rate": GAS_RATES[0], "valid_from": since, "valid_to": april},
        {**gas, "rate": GAS_RATES[1], "valid_from": april},
    ]
    table = pd.concat([table, pd.DataFrame(changing)], ignore_index=True)
    hours = table[["from_hour", "to_hour"]].astype("Int64")
    vat = table["tariff_id"].str.removesuffix("_flat").str.removesuffix("_fixed").map(VAT)
    return table.assign(
        from_hour=hours["from_hour"],
        to_hour=hours["to_hour"],
        currency=CURRENCY,
        vat_share=vat,
        publication="Price list of the simulated utility (invented)",
        edition=str(first.year),
    )


def emission_factors(first: pd.Timestamp) -> pd.DataFrame:
    """Those of the UK Government as they ship, and 0 for the simulated contract. Columns as silver.emission_factors."""
    published = pd.read_csv(UK_FACTORS, dtype=str).assign(supply_contract_id=None)
    contract = {
        "fuel": Fuel.ELECTRICITY.value,
        "region": REGION,
        "scope": "scope_2",
        "basis": "market",
        "supply_contract_id": GREEN_CONTRACT,
        "valid_from": f"{first.year - 1}-01-01",
        "factor_kgco2e_per_kwh": "0",
        "publication": "Supply contract of the simulated utility (invented)",
        "edition": str(first.year),
    }
    return pd.concat([published, pd.DataFrame([contract])], ignore_index=True)


def assets(utility: Registry, kwh: NDArray[Any], first: pd.Timestamp) -> pd.DataFrame:
    """Loads, a battery and panels, and a limit of each site that is lowest in the evening. Columns as silver.assets."""
    rows: list[dict[str, object]] = []
    meters = utility.meters
    imports = (meters["fuel"] == Fuel.ELECTRICITY) & (meters["flow"] == Flow.IMPORT)
    for site, *_ in SITES:
        of_site = kwh[(imports & (meters["site_id"] == site)).to_numpy()]
        if len(of_site):
            peak_kw = float(np.ceil(of_site.sum(axis=0).max() * 2))
            rows += _of_site(site, peak_kw, has_battery=site == SITES[-1][0])
    for meter, generated in zip(meters.to_dict("records"), kwh, strict=True):
        if meter["flow"] == Flow.GENERATION:
            panels = {
                "kind": "generation",
                "meter_id": meter["meter_id"],
                "power_kw": float(np.ceil(generated.max() * 2)),
            }
            rows.append({"asset_id": f"{meter['building_id']}_panels", "site_id": meter["site_id"], **panels})
    hours = ["from_hour", "to_hour", "minimum_run_hours"]
    table = pd.DataFrame(rows, columns=ASSET_COLUMNS).assign(valid_from=f"{first.year - 1}-01-01")
    return table.astype(dict.fromkeys(hours, "Int64"))


ASSET_COLUMNS = [
    *("asset_id", "site_id", "kind", "meter_id", "from_hour", "to_hour", "valid_from", "power_kw", "lowest_power_kw"),
    *("energy_kwh", "minimum_run_hours", "discharge_kw", "round_trip_efficiency", "lowest_charge_share"),
    *("highest_charge_share", "wear_cost_per_kwh", "currency"),
]


def _of_site(site: str, peak_kw: float, *, has_battery: bool) -> list[dict[str, object]]:
    limit = {"asset_id": f"{site}_limit", "site_id": site, "kind": "site_limit"}
    rows: list[dict[str, object]] = [
        {**limit, "from_hour": 20, "to_hour": 16, "power_kw": round(1.15 * peak_kw, 1)},
        {**limit, "from_hour": 16, "to_hour": 20, "power_kw": peak_kw},
    ]
    load_kw = round(0.06 * peak_kw, 1)
    load = {"asset_id": f"{site}_cars", "site_id": site, "kind": "flexible_load", "from_hour": 18, "to_hour": 7}
    load |= {"power_kw": load_kw, "lowest_power_kw": round(0.2 * load_kw, 1), "energy_kwh": round(4 * load_kw, 1)}
    rows.append({**load, "minimum_run_hours": 2})
    if has_battery:
        battery_kw = round(0.1 * peak_kw, 1)
        battery = {"asset_id": f"{site}_battery", "site_id": site, "kind": "battery", "power_kw": battery_kw}
        battery |= {"energy_kwh": round(2 * battery_kw, 1), "round_trip_efficiency": 0.9, "discharge_kw": battery_kw}
        shares = {"lowest_charge_share": 0.1, "highest_charge_share": 0.95}
        rows.append({**battery, **shares, "wear_cost_per_kwh": 0.03, "currency": CURRENCY})
    return rows


def with_capacities(meters: pd.DataFrame, peak_kw: NDArray[Any]) -> pd.DataFrame:
    """The meters with the limit of each connection, and with what those of other than dwellings have agreed upon.

    Every third of the latter has agreed upon far more than it ever draws.
    """
    has_agreed = (meters["fuel"] == Fuel.ELECTRICITY) & (meters["flow"] == Flow.IMPORT) & (meters["use"] != "dwelling")
    is_oversized = has_agreed & (has_agreed.cumsum() % 3 == 0)
    over_peak = np.where(is_oversized, OVERSIZED_OVER_PEAK, AGREED_OVER_PEAK)
    return meters.assign(
        capacity_kw=np.ceil(np.maximum(CAPACITY_OVER_PEAK, is_oversized * OVERSIZED_OVER_PEAK) * peak_kw),
        agreed_capacity_kw=np.where(has_agreed, np.ceil(peak_kw * over_peak), np.nan),
    )
