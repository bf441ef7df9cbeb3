"""What each type of alert is called in a mail, and what to do about it."""

from __future__ import annotations

REMEDIES: dict[str, tuple[str, str]] = {
    "stuck": (
        "meter stuck at one value",
        "Read the meter itself. If it has moved on, look at its logger and at the link to the head-end.",
    ),
    "dead": (
        "meter reads only zeros",
        "Find out whether the supply is off or the place is empty. If neither, look at the meter and its pulse output.",
    ),
    "missing_data": (
        "readings missing",
        "Look at the meter's link and at the system that sends its readings. Readings that come late are taken.",
    ),
    "spike": (
        "use far above what is usual",
        "Find out what was switched on in these hours. If nothing was, hold the reading against the meter itself.",
    ),
    "dropout": (
        "use far below what is usual",
        "Look for a breaker that tripped, plant that stopped, or an outage.",
    ),
    "multiplier_change": (
        "readings too high or too low by a factor",
        "Ask whether the meter or its current transformers were changed, and mend the multiplier where it is set.",
    ),
    "unit_change": (
        "readings too high or too low by a large factor",
        "Ask whoever sends the readings whether their unit has changed, and mend value.unit of the source.",
    ),
    "clock_shift": (
        "the meter's clock is off by hours",
        "Hold the meter's clock against the time, and its zone against the source's time.zone.",
    ),
    "out_of_hours": (
        "running out of hours",
        "Look for plant that runs at night: timers, overrides, set-back temperatures.",
    ),
    "base_load_step": (
        "the base load has stepped up",
        "Find out what has run all day since then: a new server, a pump, a heater.",
    ),
    "base_load_creep": ("the base load creeps up", "Look for wear: filters, seals, refrigerant, a leaking valve."),
    "weekend_running": ("running at weekends", "Look at the time schedule of heating, cooling and ventilation."),
    "holiday_running": ("running on a holiday", "Enter the holidays into the time schedule of the building."),
    "heating_in_warm_weather": ("heating in warm weather", "Look at the heating limit temperature and at valves."),
    "leak": (
        "possible leak",
        "Have the pipes behind this meter looked at today. If you smell gas, leave and call the gas emergency line.",
    ),
    "swapped_meters": ("two meters swapped", "Hold the serial numbers of both meters against the register of meters."),
    "start_up_drift": (
        "the morning's start comes earlier",
        "Look at the start time, or at the optimum start, of the plant.",
    ),
    "heating_and_cooling": (
        "heating and cooling at once",
        "Widen the dead band between the two set points, and look for valves that let by.",
    ),
}
