"""Where a meter may be: the zones and countries whose local calendar is known."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@lru_cache(maxsize=4096)
def zone_fault(zone: str) -> str | None:
    """Why `zone` is no zone, or None if it is one."""
    try:
        ZoneInfo(zone)
    except Exception:
        # A misspelt name, a folder of zones and a path out of them raise three kinds of errors.
        return f"{zone} is not an IANA time zone such as Europe/London"
    return None


@lru_cache(maxsize=4096)
def country_fault(country: str | None, subdivision: str | None) -> str | None:
    """Why no holidays are known of a country and its subdivision, or None if they are (or no country is given)."""
    if country is None:
        return None
    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        of = f"{country}, subdivision {subdivision}," if subdivision else country
        return f"no holidays of {of} are known: give an ISO 3166 country and subdivision, or leave them empty"
    return None
