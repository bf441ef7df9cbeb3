"""What tables say in words, in the reader's language: the sentences of gold.recommendations, by their templates.

The tables hold whole English sentences. A template is one of them with places for what changes; a sentence that fits
none stays English, and is marked so.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from energy_lib.reporting.labels import LABELS, N_
from energy_lib.reporting.words import Words

# As energy_lib/insights/recommendations/ makes them.
FINDINGS = (
    N_("The agreed capacity is %(agreed)s kW, and the highest hour of the year was %(peak)s kW."),
    N_("Tariff %(name)s would have cost %(saved)s a year less for the same hours."),
    N_("The base load is %(now)s kW, %(excess)s kW above what this meter has managed."),
    N_("It ran as if open on %(ran)s of %(known)s weekend days of the last year."),
    N_("It ran as if open on %(ran)s of %(known)s holidays of the last year."),
    N_("On %(early)s of %(days)s mornings it started earlier than on colder ones."),
    N_("%(energy)s kWh a day could move from the %(hours)s dearest to the %(same)s cheapest hours."),
    N_("It uses %(own)s kWh per m2 and year; the median of %(buildings)s like buildings is %(median)s."),
    N_("Its base load is %(own)s W per m2; the median of %(buildings)s like buildings is %(median)s."),
    N_("Open faults: %(faults)s."),
    N_("%(share)s of the last four weeks' hours are suspect."),
    N_("Each degree of cold below %(balance)s °C costs %(slope)s kWh a day."),
    N_("On working days it ran as if open in %(hours)s closed hours of the last year."),
    N_("Seven hours a month raise the charged peak from %(shaved)s to %(highest)s kW."),
    N_("%(best)s kWp would make %(made)s kWh a year, %(used)s of it used here, and pay back in %(years)s years."),
    N_("The temperature explains %(explained)s of the heating; days scatter by %(scatter)s."),
    N_("It heated on %(heated)s of %(days)s days above %(warm)s °C."),
    N_("The last week had %(warmth)s °C, and it heated on %(heated)s days."),
)
MORE_METERS = N_("%(found)s The same shows on %(count)s more meters.")
ONE_MORE_METER = N_("%(found)s The same shows on one more meter.")
FAULT = N_("%(kind)s since %(since)s")
ASSUMPTIONS = (
    N_(
        "The network agrees to less, the highest quarter of an hour is within a fifth of the highest hour, "
        "and no load is added."
    ),
    N_(
        "The supplier offers it to this meter, as it does to others of its use, and the year to come is used "
        "like the last."
    ),
    N_("What runs now and did not run then can be switched off."),
    N_("Nobody needs the building on weekend days."),
    N_("Nobody needs the building on weekend days; as it runs on most of them, ask first."),
    N_("Nobody needs the building on holidays."),
    N_("Nobody needs the building on holidays; as it runs on most of them, ask first."),
    N_("A milder morning needs no longer warm-up than a colder one did."),
    N_("It can move the flexible loads of silver.assets, within the day."),
    N_("It can move a tenth of what it uses above its base load, within the day."),
    N_("Buildings of the same use can do the same; weather is taken out, hours of use are not."),
    N_("Buildings of the same use can do with the same base load."),
    N_("It is the meter, not the building; until it is mended its other figures are not to be trusted."),
    N_("The set point is lowered by one degree whenever it heats, and gains stay as they are."),
    N_("Nobody needs the building in hours in which it usually rests."),
    N_(
        "The load of the seven highest hours of each month can be moved or shed; hourly means stand for the "
        "metered peak, which may be higher."
    ),
    N_("Half of the roof is usable, flat and not shaded; installed cost is the UK's median of 2024/25."),
    N_(
        "Half of the roof is usable, flat and not shaded; installed cost is the UK's median of 2024/25; what "
        "is fed in earns nothing, as no export tariff is known."
    ),
    N_("With working controls no day would use more than a tenth above what its temperature asks for."),
    N_("What is used on the least warm days is hot water and losses; what is used beyond it is heating."),
    N_("Nobody needs heat until the season ends; hot water stays on."),
    N_(
        "Nobody needs heat until the season ends; hot water stays on. No weather forecast is known: the last "
        "week's weather goes on."
    ),
)
INTERVALS = (
    N_("two fifths and a tenth above the highest hour in place of a fifth"),
    N_("90 % interval by the spread of the weeks"),
    N_("the least and the greatest excess over the references"),
    N_("its resting level, a median distance up or down"),
    N_("the median and the latest tenth of the starts on colder days in place of the latest quarter"),
    N_("a twentieth and three twentieths in place of a tenth"),
    N_("none: the loads are known"),
    N_("the upper and lower quartile in place of the median"),
    N_("it has no amount"),
    N_("90 % interval of the slope"),
    N_("its usual level in those hours, a median distance up or down"),
    N_("the four and the fifteen highest hours of each month"),
    N_("performance ratios of 0.70 and 0.87 in place of 0.80"),
    N_("a fifth and a twentieth above in place of a tenth"),
    N_("the median and the lowest tenth of warm days in place of the lowest quarter"),
)
NOT_JUDGED = (
    N_("no roof area of its building is known"),
    N_("irradiance, price and readings are not known together for 300 days of the last year"),
    N_("no installed cost is known in %(currency)s"),
    N_("its share of the roof holds %(share)s kWp, less than %(least)s"),
    N_("fewer than %(least)s working days of heating that follows the temperature"),
    N_("no temperature at the meter's weather location"),
    N_("its energy does not follow the outdoor temperature"),
    N_("fewer than %(least)s warm days are known"),
    N_("fewer than %(least)s days of the warm season are known"),
    N_("a %(use)s is used round the clock"),
    N_("a %(use)s is used at weekends"),
    N_("a %(use)s is used on holidays"),
    N_("no daily rhythm: closed hours cannot be told from open ones"),
    N_("no daily rhythm: the resting level cannot be told"),
    N_("no agreed capacity is known"),
    N_("fewer than %(least)s days of the last year are known"),
    N_("fewer than %(least)s days of the last four weeks are known"),
    N_("nothing to hold it against: neither its season a year ago nor other weeks are known"),
    N_("%(spare)s kW of %(agreed)s kW are spare, and no tariff with a charge for them is known"),
    N_("no floor area is known"),
    N_("the use of its building is not known"),
    N_("fewer than %(least)s buildings of its use and fuel can be compared"),
    N_("no price by the hour is known on 28 days that are read"),
    N_("fault: the meter is at fault (%(kind)s) since %(since)s"),
    N_("no day of the last year is known"),
    N_("stale: the last known day is %(last)s, %(age)s days ago"),
    N_("short: %(known)s days are known, and %(least)s are needed"),
    N_("estimated: %(share)s of the last year's hours were not read"),
    N_("fewer than %(least)s mornings on which heating starts are known"),
    N_("the meter's own tariff is not known"),
    N_("no other tariff is known that a meter of its fuel, use, currency and VAT could have"),
    N_("the meter's own tariff has a hole, or too few weeks are known"),
    N_("no tariff with a charge for peaks is known"),
    N_("no month of the last year is known well enough to tell its peak"),
    N_("no price is known for half of its energy"),
    N_("no intensity or factor is known"),
    N_("no marginal intensity is known for half of its energy"),
    N_("it saves no energy"),
    N_("the action saves none"),
    N_("its meters have several currencies"),
)
PLACE = re.compile(r"%\\\((\w+)\\\)s")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(r"(?P<\1>.+?)", re.escape(text)))


def found(sentence: Any, words: Words) -> Markup:
    """A sentence of the tables in the reader's language; in English, marked as such, if it fits no template."""
    told = _told(str(sentence), words)
    if told is None:
        return Markup('<span lang="en">{}</span>').format(str(sentence))
    return escape(told)


def _told(sentence: str, words: Words) -> str | None:
    if words.language == "en":
        return sentence
    # First what holds a sentence of its own.
    for text in (MORE_METERS, ONE_MORE_METER, *FINDINGS, *ASSUMPTIONS, *INTERVALS, *NOT_JUDGED):
        if (told := _fitted(sentence, text, words)) is not None:
            return told
    return None


def _fitted(sentence: str, text: str, words: Words) -> str | None:
    """The sentence by a template; None if it does not fit."""
    fits = _pattern(text).fullmatch(sentence)
    if fits is None:
        return None
    places: dict[str, str | None] = {}
    for name, value in fits.groupdict().items():
        if name == "found":
            places[name] = _told(value, words)
        elif name == "faults":
            faults = [_fitted(fault, FAULT, words) for fault in value.split(", ")]
            places[name] = None if None in faults else ", ".join(filter(None, faults))
        else:
            places[name] = _place(value, words)
    if None in places.values():
        return None
    told = words.text(text)
    return told % places if places else told


def _place(value: str, words: Words) -> str:
    """A number in the reader's signs, a value of the tables by its label, else as it is."""
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return str(format_decimal(value, locale=words.locale, decimal_quantization=False))
    if re.fullmatch(r"\d+%", value):
        return str(format_percent(int(value[:-1]) / 100, locale=words.locale))
    return re.sub(r"\w+", lambda name: words.label(name[0]) if name[0] in LABELS else name[0], value)
