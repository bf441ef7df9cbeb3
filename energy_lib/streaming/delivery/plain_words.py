"""Instants and names as a mail shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_NAME, LONGEST_TEXT = 80, 400


def instant(at: datetime, place: Mapping[str, Any]) -> str:
    utc = at.astimezone(UTC)
    shown, zone = f"{utc:%Y-%m-%d %H:%M} UTC", place.get("zone") or "UTC"
    try:
        local = utc.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return shown
    return shown if zone == "UTC" else f"{local:%Y-%m-%d %H:%M} {zone} ({shown})"


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """A name that came with readings, on one line: nothing in it ends a header or turns what follows around."""
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return shown if len(shown) <= longest else f"{shown[:longest]}…"
