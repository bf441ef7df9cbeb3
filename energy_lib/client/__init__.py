"""A client of the API for other programs: it needs httpx, and neither a lake nor Spark."""

from energy_lib.client.alerts import Alert
from energy_lib.client.answers import MeterForecast, Page
from energy_lib.client.api import EnergyApi
from energy_lib.client.posted import Posted, Series, Weather
from energy_lib.client.problem import ApiProblem

__all__ = ["Alert", "ApiProblem", "EnergyApi", "MeterForecast", "Page", "Posted", "Series", "Weather"]
