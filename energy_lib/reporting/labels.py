"""What values of the tables are called on pages. `N_` marks a text for translation."""

from __future__ import annotations

from collections.abc import Mapping


def N_(text: str) -> str:  # noqa: N802 - gettext's name
    return text


LABELS: Mapping[str, str] = {
    # Fuels and flows.
    "electricity": N_("electricity"), "gas": N_("gas"), "heat": N_("heat"), "cooling": N_("cooling"),
    "steam": N_("steam"), "oil": N_("oil"), "coal": N_("coal"), "wood": N_("wood"), "hydrogen": N_("hydrogen"),
    "propane": N_("propane"), "*": N_("all"), "import": N_("bought"), "export": N_("exported"),
    "generation": N_("generated"), "net": N_("net"), "electricity_export": N_("electricity, exported"),
    "electricity_generation": N_("electricity, generated"), "electricity_net": N_("electricity, net"),
    # What is wrong.
    "stuck": N_("stuck at one value"), "dead": N_("dead: only zeros"), "spike": N_("spike"), "dropout": N_("drop-out"),
    "clock_shift": N_("clock shifted"), "unit_change": N_("unit changed"),
    "multiplier_change": N_("multiplier changed"), "out_of_hours": N_("running out of hours"),
    "base_load_step": N_("step in the base load"), "base_load_creep": N_("base load creeps up"),
    "weekend_running": N_("running at weekends"), "holiday_running": N_("running on holidays"),
    "heating_in_warm_weather": N_("heating in warm weather"), "leak": N_("possible leak"),
    "missing_data": N_("readings missing"), "swapped_meters": N_("meters swapped"),
    "start_up_drift": N_("starts earlier and earlier"), "heating_and_cooling": N_("heating and cooling at once"),
    "open": N_("new"), "ongoing": N_("ongoing"), "closed": N_("over"), "withdrawn": N_("withdrawn"),
    "high": N_("high"), "medium": N_("medium"), "low": N_("low"),
    # Actions.
    "new": N_("new"), "accepted": N_("accepted"), "done": N_("done"), "rejected": N_("rejected"),
    "snoozed": N_("put off"), "meter": N_("meter"), "building": N_("building"), "site": N_("site"),
    "portfolio": N_("portfolio"),
    # Savings.
    "measured": N_("measured"), "disqualified": N_("not measurable"), "waiting": N_("waiting for days"),
    "non_routine": N_("only exceptional days"),
    # Carbon.
    "scope_1": N_("scope 1 (burnt here)"), "scope_2": N_("scope 2 (bought)"),
    # Freshness and runs.
    "readings": N_("readings"), "weather": N_("weather"), "prices": N_("prices"), "forecasts": N_("forecasts"),
    "intensity_average": N_("average grid intensity"), "intensity_marginal": N_("marginal grid intensity"),
    "fresh": N_("up to date"), "partly": N_("partly late"), "late": N_("late"), "none": N_("missing"),
    "succeeded": N_("succeeded"), "failed": N_("failed"), "refused": N_("refused by a gate"),
    "passed": N_("passed"),
    # Reasons why an amount is not known.
    "export_is_not_counted": N_("exports are in no total"),
    "generation_is_not_counted": N_("own generation is in no total"),
    "generation_has_no_tariff": N_("own generation has no tariff"),
    "no_reading": N_("no reading"), "no_hour_yet": N_("the month is not over"),
    "no_carbon_region": N_("no grid region is known"), "no_tariff": N_("no tariff is known"),
    "no_agreed_capacity": N_("no agreed capacity is known"),
    # Uses of buildings, as the simulator and many registries say them.
    "dwelling": N_("home"), "office": N_("office"), "school": N_("school"), "shop": N_("shop"),
    "hospital": N_("hospital"),
    "backtest": N_("backtest"), "live": N_("live"),
    # Areas.
    "homes": N_("homes"), "other": N_("others"), "short_of_energy": N_("short of energy"),
    "colder_fed": N_("heats far less than like homes"), "self_rationing": N_("rations heat in cold spells"),
    "self_disconnected": N_("prepaid credit ran out"), "low_expenditure": N_("bill below half the median (M/2)"),
    "high_share": N_("bill above twice the median share of income (2M)"),
    "self_disconnected_homes": N_("prepaid homes whose credit ran out"),
    "not_disconnected_homes": N_("prepaid homes whose credit lasted"), "energy_kwh": N_("energy, kWh"),
    # How a reading came about.
    "estimated": N_("estimated"), "edited": N_("edited"), "imputed": N_("imputed"),
    "fallback": N_("fallback (no trained model)"),
    "seasonal_naive_168h": N_("seasonal naive (last week)"), "seasonal_naive_24h": N_("naive (yesterday)"),
}  # fmt: skip
