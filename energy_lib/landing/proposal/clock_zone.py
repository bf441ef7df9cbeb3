"""The zone of the clock: from offsets and zone names, from the hours around clock changes, or from the file's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import words
from energy_lib.landing.proposal.stamp_columns import Stamps

# Names of zones that stamps show → the zone, and whether another has the same names.
NAMED = {
    frozenset({"UTC"}): "UTC",
    frozenset({"GMT", "BST"}): "Europe/London",
    frozenset({"GMT"}): "Europe/London",
    frozenset({"BST"}): "Europe/London",
    frozenset({"CET"}): "Europe/Berlin",
    frozenset({"CEST"}): "Europe/Berlin",
    frozenset({"CET", "CEST"}): "Europe/Berlin",
    frozenset({"EET", "EEST"}): "Europe/Helsinki",
    frozenset({"EST"}): "America/New_York",
    frozenset({"EDT"}): "America/New_York",
    frozenset({"EST", "EDT"}): "America/New_York",
    frozenset({"CST", "CDT"}): "America/Chicago",
    frozenset({"MST", "MDT"}): "America/Denver",
    frozenset({"PST", "PDT"}): "America/Los_Angeles",
    frozenset({"AEST", "AEDT"}): "Australia/Sydney",
}
# Words of headers, file names and preambles → zone and country. The first that is found counts.
PLACES: list[tuple[str, str, str]] = [
    ("ontario ieso toronto", "America/Toronto", "CA"),
    ("san diego sdge sdg pge california", "America/Los_Angeles", "US"),
    ("ercot texas esiid esi", "America/Chicago", "US"),
    ("pjm aep comed dayton deok dom duq ekpc pjme pjmw nyiso", "America/New_York", "US"),
    ("nmi nem12 aemo", "Australia/Sydney", "AU"),
    ("mpan mprn lclid octopus n3rgy bst kwhh", "Europe/London", "GB"),
    ("afname injectie fluvius eenheid validatiestatus", "Europe/Brussels", "BE"),
    ("verbruik tijdstip teruglevering meterstand dsmr liander p1e t1", "Europe/Amsterdam", "NL"),
    ("netz zahlpunkt zahlpunktnummer ersatzwert osterreich wien", "Europe/Vienna", "AT"),
    ("zahler zeit zeitstempel verbrauch wert einheit datum uhrzeit lastgang", "Europe/Berlin", "DE"),
    ("horodate consommation heure puissance linky enedis prm valeur", "Europe/Paris", "FR"),
    ("giorno ora consumo pod energia prelievo fascia", "Europe/Rome", "IT"),
    ("cups fecha hora consumo_kwh metodoobtencion", "Europe/Madrid", "ES"),
    ("elhub meteringvalues forbruk stipulert", "Europe/Oslo", "NO"),
    ("meteringpointgsrn metering_point fingrid kulutus alkuaika resoluution", "Europe/Helsinki", "FI"),
    ("fra_dato til_dato maalepunkt malepunkt forbrug mengde", "Europe/Copenhagen", "DK"),
    ("contador leitura potencia consumo_registado", "Europe/Lisbon", "PT"),
]
# Zones whose clock changes are looked for in naive stamps. Those with the same rules on the same clock are one.
CHANGING = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "America/New_York",
    "Australia/Sydney",
    "Europe/Lisbon",
)
HOUR = pd.Timedelta(hours=1)
# All that have Central European time change its clock at the same instants.
CENTRAL = "Europe/Brussels"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the meters are, as far as the file tells."""

    zone: str
    country: str | None
    evidence: str
    sure: bool


def clock_zone(stamps: Stamps, context: str, guesses: Guesses) -> Place:
    """Adds `time.zone` and where it is needed `time.doubled_hour`; returns where the meters are.

    `context` is the text around the data: names of columns and file, and the lines above the header.
    """
    place = place_of(context)
    if stamps.written.absolute and not stamps.written.zone_names:
        guesses.add("time.zone", "UTC", "the stamps say their offset from UTC")
        return place or Place("UTC", None, "nothing says where the meters are", sure=False)
    if stamps.written.zone_names:
        return _named(stamps, guesses, place)
    if re.search(r"\bUTC\b|\bGMT\b|\bZulu\b|(?<![a-z])utc(?![a-z])", context):
        guesses.add("time.zone", "UTC", "a name in the file says UTC")
        return place or Place("UTC", None, "nothing says where the meters are", sure=False)
    if re.search(r"\bCET\s?/\s?CEST\b", context):
        guesses.add("time.zone", CENTRAL, "a name in the file says CET/CEST")
        _doubled_hour(stamps.walls.dropna(), CENTRAL, guesses)
        return place or Place(CENTRAL, None, "a name in the file says CET/CEST", sure=False)
    return _by_changes(stamps, guesses, place)


def place_of(context: str) -> Place | None:
    """Where the words of a file are used; None if none of them is known."""
    found = set(words(context))
    both = found | {"_".join(pair) for pair in zip(words(context), words(context)[1:], strict=False)}
    for names, zone, country in PLACES:
        hits = sorted(both & set(names.split()))
        if hits:
            return Place(zone, country, f"words such as {hits[0]!r} are used there", sure=False)
    return None


def _named(stamps: Stamps, guesses: Guesses, place: Place | None) -> Place:
    names = stamps.written.zone_names
    zone = NAMED.get(names)
    shown = ", ".join(sorted(names))
    if zone is None:
        guesses.add("time.zone", place.zone if place else "UTC", f"{shown} fits no zone that is known here", sure=False)
        return place or Place("UTC", None, "nothing says where the meters are", sure=False)
    guesses.add("time.zone", zone, f"the stamps say {shown}", sure=zone in ("UTC", "Europe/London"))
    return place or Place(zone, None, f"the stamps say {shown}", sure=zone != "UTC")


def _by_changes(stamps: Stamps, guesses: Guesses, place: Place | None) -> Place:
    walls = stamps.walls.dropna()
    seen = {zone: _changes(walls, zone) for zone in dict.fromkeys([*([place.zone] if place else []), *CHANGING])}
    fitting = [zone for zone, (fits, against, _) in seen.items() if fits and not against]
    if place is not None and place.zone not in fitting and _hour_ending(walls, place, guesses):
        return place
    if fitting:
        zone = fitting[0]
        where = place if place is not None and place.zone == zone else None
        guesses.add("time.zone", zone, seen[zone][2], sure=where is not None)
        _doubled_hour(walls, zone, guesses)
        return where or Place(zone, None, "its clock changes like the file's", sure=False)
    without = [zone for zone, (_, against, _) in seen.items() if against]
    if place is not None and place.zone not in without:
        guesses.add("time.zone", place.zone, f"{place.evidence}; no clock change lies in the file", sure=False)
        if _spans_autumn(walls, place.zone):
            _doubled_hour(walls, place.zone, guesses)
        return place
    if place is not None and (standard := _standard_time(place.zone)) is not None:
        why = f"the hour that clocks skip in spring is there: the winter's clock of {place.zone} all year"
        guesses.add("time.zone", standard, why, sure=False)
        return place
    why = (
        f"the hour that clocks skip in spring is there ({without[0]})"
        if without
        else "nothing in the file names a zone"
    )
    guesses.add("time.zone", "UTC", why, sure=False)
    return place or Place("UTC", None, "nothing says where the meters are", sure=False)


def _standard_time(zone: str) -> str | None:
    """The zone that is as far from UTC all year as this one is in winter; None if that is no whole number of hours."""
    ahead = [pd.Timestamp(2024, month, 1, tz=ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    minutes = min(int(offset.total_seconds()) // 60 for offset in ahead if offset is not None)
    # In the names of these zones the sign is that of the hours to UTC.
    return f"Etc/GMT{-minutes // 60:+d}" if minutes % 60 == 0 else None


def _hour_ending(walls: pd.Series, place: Place, guesses: Guesses) -> bool:
    """Whether the place's clock changes lie one hour late in the file: then its stamps are labels of ending hours."""
    shown, denied, sentence = _changes(walls - HOUR, place.zone)
    if not shown or denied:
        return False
    guesses.add("time.zone", place.zone, f"{sentence}, if stamps are ends of hours")
    guesses.add("time.stamp", "hour_ending", "clock changes lie one hour later than on clocks there")
    guesses.add("time.doubled_hour", "order", "the hour that ends an hour after the clock change comes twice")
    return True


def _changes(walls: pd.Series, zone: str) -> tuple[int, int, str]:
    """Clock changes of the zone that the stamps show, those that they deny, and a sentence about the first shown."""
    first, last = walls.min(), walls.max()
    shown, denied, sentence = 0, 0, ""
    hours = set(walls.dt.floor("h"))
    counts = walls.value_counts()
    for instant, spring in _transitions(zone, first, last):
        around = {instant - HOUR, instant + HOUR} if spring else {instant - HOUR, instant + 2 * HOUR}
        if not around <= hours:
            continue
        in_hour = counts[(counts.index >= instant) & (counts.index < instant + HOUR)]
        beside = counts[(counts.index >= instant - HOUR) & (counts.index < instant)]
        says_so = len(in_hour) == 0 if spring else len(in_hour) > 0 and in_hour.median() >= 2 * beside.median()
        shown += says_so
        denied += not says_so and spring
        if says_so and not sentence:
            what = "is left out" if spring else "comes twice"
            sentence = f"on {instant:%Y-%m-%d} the hour from {instant:%H:%M} {what}, as on clocks there"
    return shown, denied, sentence


def _transitions(zone: str, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, bool]]:
    """Wall-clock hours that are skipped (True) or shown twice, between two wall clocks."""
    if pd.isna(first) or (last - first).days > 366 * 60:
        return []
    hours = pd.date_range(first.floor("D") - HOUR, last.ceil("D") + HOUR, freq="h")
    local = hours.tz_localize("UTC").tz_convert(ZoneInfo(zone)).tz_localize(None)
    steps = np.diff(local.to_numpy()).astype("timedelta64[m]").astype(int)
    found = [(local[at] + HOUR, True) for at in np.flatnonzero(steps == 120)]
    return sorted(found + [(local[at], False) for at in np.flatnonzero(steps == 0)])


def _spans_autumn(walls: pd.Series, zone: str) -> bool:
    return any(not spring for _, spring in _transitions(zone, walls.min(), walls.max()))


def _doubled_hour(walls: pd.Series, zone: str, guesses: Guesses) -> None:
    """`order` where the hour comes twice in the file; nothing where no autumn lies in it."""
    counts = walls.value_counts()
    for instant, spring in _transitions(zone, walls.min(), walls.max()):
        if spring or instant not in counts.index:
            continue
        beside = counts.get(instant - HOUR, 1)
        if counts[instant] >= 2 * beside:
            guesses.add("time.doubled_hour", "order", f"{instant:%Y-%m-%d %H:%M} stands in the file twice")
        else:
            guesses.ask(f"{instant:%Y-%m-%d %H:%M} stands in the file once, and the clock of {zone} showed it twice.")
        return
    guesses.add("time.doubled_hour", "order", "no autumn lies in the file: the usual way is taken", sure=False)
