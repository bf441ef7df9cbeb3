"""Formats of meters, which say most things themselves: what is left is where the meters are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.sample import Sample
from energy_lib.landing.sources.allowed_values import Format

# The heating value of North American pipeline gas, in MJ/m3.
USUAL_MJ_PER_M3 = 38.3


def self_describing(format_: Format, samples: Sequence[Sample], guesses: Guesses) -> None:
    """Adds where the meters are, and what gas needs."""
    if format_ is Format.NEM12:
        nmi = re.search(r"^200,([^,]*)", samples[0].text, re.MULTILINE)
        western = nmi is not None and nmi[1].startswith("8")
        zone = "Australia/Perth" if western else "Australia/Sydney"
        why = f"NMI {nmi[1]}" if nmi else "NEM12 is Australian"
        guesses.add("meters.zone", zone, why, sure=False)
        guesses.add("meters.country", "AU", "NEM12 is Australian")
        _as_sent(samples[0].text, western, guesses)
        return
    text = samples[0].text
    offset = re.search(r"<(?:\w+:)?tzOffset>(-?\d+)<", text)
    zones = {
        -18000: "America/New_York",
        -21600: "America/Chicago",
        -25200: "America/Denver",
        -28800: "America/Los_Angeles",
    }
    zone = zones.get(int(offset[1]) if offset else 0, "America/New_York")
    why = f"the file says tzOffset {offset[1]}" if offset else "nothing in the file says the zone"
    if re.search(r"<(?:\w+:)?uom>(42|119|128|159|167)<", text):
        guesses.add(
            "value.calorific_value_mj_per_m3", USUAL_MJ_PER_M3, "usual in North America; ask the supplier", sure=False
        )
    guesses.add("meters.zone", zone, why, sure=False)
    guesses.add("meters.country", "US", "Green Button is mostly North American", sure=False)


def _as_sent(text: str, western: bool, guesses: Guesses) -> None:
    """Adds what the sender does otherwise than AEMO's specification."""
    records = {line.split(",")[0].strip() for line in text.splitlines()}
    for record in ("100", "900"):
        if record not in records:
            guesses.add(f"nem12.needs_{record}", False, f"the file has no {record} record", sure=record == "100")
    if western:
        guesses.add("nem12.utc_offset", "+08:00", "Western Australia has a clock of its own", sure=False)
