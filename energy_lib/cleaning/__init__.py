"""Cleaning (VEE: validation, estimation, editing): row rules, register differences, versions, the hourly view.

The kernels in this folder need NumPy and pandas alone. `spark/` applies them to frames, and `pipeline.py` is the use
case behind jobs/clean.py.
"""

from energy_lib.cleaning.hourly import HOURLY_REACH_HOURS, hourly_view

__all__ = ["HOURLY_REACH_HOURS", "hourly_view"]
