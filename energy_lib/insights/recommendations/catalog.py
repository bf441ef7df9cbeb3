"""Every recommendation, in one mapping: name → object. A new one is a file in actions/ and a line here."""

from __future__ import annotations

from energy_lib.insights.recommendations.actions.agreed_capacity import AGREED_CAPACITY
from energy_lib.insights.recommendations.actions.another_tariff import ANOTHER_TARIFF
from energy_lib.insights.recommendations.actions.base_load import BASE_LOAD
from energy_lib.insights.recommendations.actions.days_off import HOLIDAY_RUNNING, WEEKEND_RUNNING
from energy_lib.insights.recommendations.actions.early_start import EARLY_START
from energy_lib.insights.recommendations.actions.flexible_load import FLEXIBLE_LOAD
from energy_lib.insights.recommendations.actions.like_buildings import BASE_LOAD_GAP, LIKE_BUILDING_GAP
from energy_lib.insights.recommendations.actions.mend_meter import MEND_METER
from energy_lib.insights.recommendations.actions.one_degree_less import ONE_DEGREE_LESS
from energy_lib.insights.recommendations.actions.out_of_hours import OUT_OF_HOURS
from energy_lib.insights.recommendations.actions.peak_demand import PEAK_DEMAND
from energy_lib.insights.recommendations.actions.solar_size import SOLAR_SIZE
from energy_lib.insights.recommendations.actions.thermostatic_control import THERMOSTATIC_CONTROL
from energy_lib.insights.recommendations.actions.warm_weather import SEASON_OFF, WARM_WEATHER
from energy_lib.insights.recommendations.finding import Recommendation

ACTIONS: dict[str, Recommendation] = {
    action.name: action
    for action in (
        *(BASE_LOAD, BASE_LOAD_GAP, OUT_OF_HOURS, WEEKEND_RUNNING, HOLIDAY_RUNNING),
        *(EARLY_START, WARM_WEATHER, SEASON_OFF, ONE_DEGREE_LESS, THERMOSTATIC_CONTROL),
        *(PEAK_DEMAND, AGREED_CAPACITY, ANOTHER_TARIFF, FLEXIBLE_LOAD, SOLAR_SIZE),
        *(MEND_METER, LIKE_BUILDING_GAP),
    )
}
