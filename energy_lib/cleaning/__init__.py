"""Cleaning (VEE): row rules, register differences, versions, and the regular hourly view."""

from energy_lib.cleaning.hourly import HOURLY_REACH_HOURS, hourly_view

__all__ = ["HOURLY_REACH_HOURS", "hourly_view"]
