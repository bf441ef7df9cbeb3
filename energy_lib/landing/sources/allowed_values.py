"""What a key of a source's YAML can be: formats, layouts, what stamps mark, the doubled hour, units."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Format(StrEnum):
    CSV = "csv"
    WIDE_CSV = "wide_csv"
    PARQUET = "parquet"
    JSON_LINES = "json_lines"
    NEM12 = "nem12"
    GREEN_BUTTON = "green_button"
    KAFKA = "kafka"


# These name meter, unit, length and stamp themselves.
SELF_DESCRIBING = (Format.NEM12, Format.GREEN_BUTTON)


class Layout(StrEnum):
    """What a row of a table holds: one reading, one of each meter, a meter's day or all its stamps, or registers."""

    LONG = "a row a reading"
    METER_COLUMNS = "a column for each meter"
    DAY_ROWS = "a day per row (value.day_columns)"
    STAMP_COLUMNS = "a column for each stamp (value.stamp_columns)"
    REGISTER_COLUMNS = "registers in columns (registers)"


class Stamp(StrEnum):
    """What a stamp marks.

    `end` is the instant the clock showed when the interval ended; `hour_ending` is a label whose interval starts
    one interval earlier on the wall clock (so that on the autumn day 02:00 comes twice, not 01:00).
    """

    START = "start"
    END = "end"
    HOUR_ENDING = "hour_ending"


# Of value.register_reads: the stamp is the start of an interval, and the register was read at its end.
AT_INTERVAL_END: Literal["at_interval_end"] = "at_interval_end"


class DoubledHour(StrEnum):
    """How the autumn hour that the clock shows twice is told apart (an offset column overrides it)."""

    REFUSE = "refuse"
    ORDER = "order"
    SPLIT = "split"


class Unit(StrEnum):
    """Energy per interval, average power over the interval, or volume of a fuel (VOLUMES)."""

    WH = "Wh"
    KWH = "kWh"
    MWH = "MWh"
    W = "W"
    KW = "kW"
    MW = "MW"
    J = "J"
    MJ = "MJ"
    GJ = "GJ"
    BTU = "BTU"
    MMBTU = "MMBtu"
    THERM = "therm"
    GCAL = "Gcal"
    TON_HOUR = "ton_h"
    M3 = "m3"
    FT3 = "ft3"
    CCF = "ccf"
    LITRE = "l"
    GAL = "gal"


# Their energy follows from the fuel's calorific value.
VOLUMES = (Unit.M3, Unit.FT3, Unit.CCF, Unit.LITRE, Unit.GAL)
