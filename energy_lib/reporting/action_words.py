"""Each action in the words of those who read it: who does it, who decides it, who asks about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_lib.reporting.labels import N_
from energy_lib.reporting.words import Words


@dataclass(frozen=True, slots=True)
class ActionWords:
    """English texts; each method gives one in the reader's language."""

    named: str
    for_operator: str
    for_manager: str
    for_public: str

    def title(self, words: Words) -> str:
        return words.text(self.named)

    def operator(self, words: Words) -> str:
        return words.text(self.for_operator)

    def manager(self, words: Words) -> str:
        return words.text(self.for_manager)

    def public(self, words: Words) -> str:
        return words.text(self.for_public)


ACTIONS: Mapping[str, ActionWords] = {
    "base_load": ActionWords(
        N_("Find and switch off what was added to the base load"),
        N_("Walk the building at night with a clamp meter; find what runs now and did not run before."),
        N_("Something new runs day and night. Finding it takes a visit, switching it off costs nothing."),
        N_("This building uses more at night than it used to. We are looking for the cause."),
    ),
    "base_load_gap": ActionWords(
        N_("Bring the base load to that of like buildings"),
        N_("List what runs at night (ventilation, pumps, servers, lights) and what of it is needed."),
        N_("Like buildings need less at night. A night inspection shows what the difference is."),
        N_("Buildings like this one use less at night. We are finding out why."),
    ),
    "out_of_hours": ActionWords(
        N_("Switch off in the evening and at night"),
        N_("Set the time switches to the hours of use; check overrides that were never taken back."),
        N_("Energy is paid for while nobody is in. New switching times cost nothing."),
        N_("Some things ran after closing time. The switching times are being corrected."),
    ),
    "weekend_running": ActionWords(
        N_("Switch off at weekends"),
        N_("Take Saturday and Sunday out of the time programme, and see that frost protection stays."),
        N_("The building runs at weekends as if it were open. New switching times cost nothing."),
        N_("The building ran on some weekends although it was closed. This is being corrected."),
    ),
    "holiday_running": ActionWords(
        N_("Switch off on holidays and closure days"),
        N_("Enter the coming holidays and closure days into the time programme now."),
        N_("On days off the building runs as if it were open. Someone must keep its calendar."),
        N_("The building ran on days off. Its calendar is being corrected."),
    ),
    "early_start": ActionWords(
        N_("Start the heating later in the morning"),
        N_("Move the start of the heating to the hour that colder days needed; watch the first room complaints."),
        N_("The heating starts earlier than on colder days. A later start costs nothing."),
        N_("The heating starts earlier than it must. It will start later on mild days."),
    ),
    "heating_in_warm_weather": ActionWords(
        N_("Let the heating rest on warm days"),
        N_("Lower the outdoor temperature above which the heating is off; look for valves that leak."),
        N_("Heat is made on warm days. Setting the heating limit costs nothing."),
        N_("The heating ran on warm days. Its limit is being set right."),
    ),
    "season_switch_off": ActionWords(
        N_("Switch the heating off for the season"),
        N_("Switch the heating to summer operation now; keep hot water where it is needed."),
        N_("The last week and the forecast are warm. Each day later costs money."),
        N_("The heating season is over here. The heating is being switched off."),
    ),
    "one_degree_less": ActionWords(
        N_("Lower the heating set point by one degree"),
        N_("Lower the set point by one degree after telling the users; measure room temperatures for a week."),
        N_("One degree less is the cheapest measure there is, if the rooms stay warm enough."),
        N_("Heating one degree less saves this much. Rooms must stay warm enough for everybody."),
    ),
    "thermostatic_control": ActionWords(
        N_("Make the heating follow the weather"),
        N_("Check outdoor sensor, heating curve and thermostats: the load does not follow the temperature."),
        N_("The heating does not follow the weather, so part of the heat is wasted. It needs a technician."),
        N_("The heating here does not follow the weather well. It is being looked at."),
    ),
    "peak_demand": ActionWords(
        N_("Move or shed load in the month's few highest hours"),
        N_("Find what runs together in the highest hours, and start it one after another."),
        N_("A few hours a month set the charge for the peak. Moving them saves money, though no energy."),
        N_("Spreading load over the day relieves the network. It saves money, not energy."),
    ),
    "agreed_capacity": ActionWords(
        N_("Agree a lower capacity with the network"),
        N_("Confirm that nothing larger is planned for this connection."),
        N_("More capacity is paid for than was ever used. A letter to the network operator lowers the charge."),
        N_("The connection is larger than needed. A smaller one saves money, not energy."),
    ),
    "another_tariff": ActionWords(
        N_("Change the tariff"),
        N_("Nothing to do on site."),
        N_("Another known tariff would have been cheaper for the same use. Check its terms before you change."),
        N_("Another tariff costs less for the same energy."),
    ),
    "flexible_load": ActionWords(
        N_("Move flexible load to cheaper hours"),
        N_("Move what can wait (charging, hot water, pumps) to the hours of the plan."),
        N_("The same energy costs less at other hours. It needs a time switch or a control."),
        N_("Using electricity when it is plentiful costs less, and often emits less."),
    ),
    "solar_size": ActionWords(
        N_("Put solar panels on the roof"),
        N_("Check the roof: bearing, shade, cable route."),
        N_("An investment: see its size, its payback, and what must be true for it."),
        N_("Solar panels could supply a part of what this building uses."),
    ),
    "mend_meter": ActionWords(
        N_("Mend the meter"),
        N_("Read the meter on site; check transformer ratio, pulse weight, clock and connection."),
        N_("As long as the meter is wrong, bills and savings of this place cannot be trusted."),
        N_("A meter is at fault. Its figures here are provisional."),
    ),
    "like_building_gap": ActionWords(
        N_("Find out why like buildings use less"),
        N_("Compare hours of use, set points and equipment with a like building that uses less."),
        N_("Like buildings need less for each square metre. An audit shows where the difference lies."),
        N_("Buildings like this one use less for each square metre. We are finding out why."),
    ),
    "any": ActionWords(
        N_("Nothing can be recommended yet"),
        N_("See the reason: most often readings are missing, or the meter is at fault."),
        N_("Too little is known here to recommend anything."),
        N_("Too little is known of this place yet."),
    ),
}  # fmt: skip


def lines(action: str) -> ActionWords:
    """The words of an action of gold.recommendations; of one that has none yet, its name."""
    return ACTIONS.get(action, ActionWords(action, "", "", ""))
