"""Every recommendation, in one mapping: name → object. A new one is a file in actions/ and a line here."""

from __future__ import annotations

from energy_lib.insights.recommendations.actions.base_load import BASE_LOAD
from energy_lib.insights.recommendations.actions.days_off import HOLIDAY_RUNNING, WEEKEND_RUNNING
from energy_lib.insights.recommendations.actions.one_degree_less import ONE_DEGREE_LESS
from energy_lib.insights.recommendations.actions.out_of_hours import OUT_OF_HOURS
from energy_lib.insights.recommendations.actions.peak_demand import PEAK_DEMAND
from energy_lib.insights.recommendations.finding import Recommendation

ACTIONS: dict[str, Recommendation] = {
    action.name: action
    for action in (BASE_LOAD, OUT_OF_HOURS, WEEKEND_RUNNING, HOLIDAY_RUNNING, ONE_DEGREE_LESS, PEAK_DEMAND)
}
