"""The cleaning rules, declared once: id, what becomes of the row, the threshold's config key, a sentence.

In terms of VEE (validation, estimation, editing): `reject` and `flag` rules are validation, `estimate` rules say where
estimation applies. Editing is done by the sender; its values come with the quality `edited`.

docs/cleaning.md repeats this list as a table, with the rules of reading files. A test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from energy_lib.intervals import LONGEST_INTERVAL_DAYS


class Level(StrEnum):
    """What becomes of a row, or of an hour, that meets the rule.

    `reject`: validation fails the row, which goes to quarantine with the rule's id.
    `flag`: validation doubts the value, which is kept; the row or the hour carries the rule's id in `flags`.
    `estimate`: there is no reading; the hourly view estimates the hour and says how in `imputed_by`.
    """

    REJECT = "reject"
    FLAG = "flag"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `id` stands in quarantine's `rule_id` or in `flags`. `threshold` is a key of the config section `cleaning`, or None
    where there is nothing to set.
    """

    id: str
    level: Level
    what: str
    threshold: str | None = None


UNPARSEABLE = Rule("unparseable", Level.REJECT, "The row parsed without a meter, a time or a value")
UNKNOWN_METER = Rule("unknown_meter", Level.REJECT, "No such register in silver.meters; comes back when it is added")
INTERVAL_TOO_LONG = Rule("interval_too_long", Level.REJECT, f"The interval is longer than {LONGEST_INTERVAL_DAYS} days")
OFF_GRID = Rule("off_grid", Level.REJECT, "The stamp is off the interval's grid", "snap_tolerance_seconds")
FUTURE_STAMP = Rule("future_stamp", Level.REJECT, "The interval ends after its file landed", "future_tolerance_hours")
NEGATIVE = Rule(
    "negative", Level.REJECT, "Energy below zero where the flow is not net, after the source's sign convention"
)
ABOVE_LIMIT = Rule("above_physical_limit", Level.REJECT, "More than the connection can carry", "physical_limit_kw")
DUPLICATE_EXACT = Rule("duplicate_exact", Level.REJECT, "The same value is known already")
DUPLICATE_CONFLICTING = Rule("duplicate_conflicting", Level.REJECT, "A later row known at the same instant stands")
REGISTER_FIRST = Rule("register_first_read", Level.REJECT, "No earlier register read to be differenced with")
REGISTER_ROLLBACK = Rule(
    "register_rollback", Level.REJECT, "The register fell, not by rolling over, and its flow is not net"
)
REGISTER_JUMP = Rule("register_jump", Level.REJECT, "The register rose as only an exchange of the meter explains")
METER_ID_TAKEN = Rule("meter_id_taken", Level.REJECT, "A virtual meter has the id of a register")
VIRTUAL_OF_VIRTUAL = Rule("virtual_of_virtual", Level.REJECT, "A term of a virtual meter is itself virtual")
UNKNOWN_REGISTER = Rule(
    "unknown_register", Level.REJECT, "A term of a virtual meter is not in silver.meters; comes back when it is added"
)
MIXED_FUELS = Rule("mixed_fuels", Level.REJECT, "The terms of a virtual meter are of different fuels")

SNAPPED = Rule("snapped", Level.FLAG, "The stamp was moved onto the grid", "snap_tolerance_seconds")
REGISTER_ROLLOVER = Rule("register_rollover", Level.FLAG, "The register passed its last digit", "register_rollover_kwh")
SPIKE = Rule("spike", Level.FLAG, "Far above what is usual, and above the same hour of week before", "spike_factor")
DROP = Rule("drop", Level.FLAG, "For an hour or two far below what the meter hardly ever falls below", "drop_share")
FLATLINE = Rule("flatline", Level.FLAG, "Too many equal non-zero hours in a row", "flatline_hours")
ZERO_RUN = Rule("zero_run", Level.FLAG, "Zeros where the meter never rests: missing written as zero", "zero_run_hours")
GAP = Rule(
    "gap",
    Level.ESTIMATE,
    "No reading for an hour: estimated in a gap of at most so many, else missing",
    "estimate_hours",
)

RULES = (
    UNPARSEABLE,
    UNKNOWN_METER,
    INTERVAL_TOO_LONG,
    OFF_GRID,
    FUTURE_STAMP,
    NEGATIVE,
    ABOVE_LIMIT,
    DUPLICATE_EXACT,
    DUPLICATE_CONFLICTING,
    REGISTER_FIRST,
    REGISTER_ROLLBACK,
    REGISTER_JUMP,
    METER_ID_TAKEN,
    VIRTUAL_OF_VIRTUAL,
    UNKNOWN_REGISTER,
    MIXED_FUELS,
    SNAPPED,
    REGISTER_ROLLOVER,
    SPIKE,
    DROP,
    FLATLINE,
    ZERO_RUN,
    GAP,
)
# The order is that of the bits in which the kernels carry flags.
FLAGS = tuple(rule.id for rule in RULES if rule.level is Level.FLAG)


def bit(rule: Rule) -> int:
    """The bit that stands for a flag rule."""
    return 1 << FLAGS.index(rule.id)


# An hour with one of these counts as missing from suspect_from_utc on. The other flags only inform.
SUSPECT_BITS = bit(SPIKE) | bit(DROP) | bit(FLATLINE) | bit(ZERO_RUN)
