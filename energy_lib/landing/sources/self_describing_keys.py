"""Keys that NEM12 and Green Button do not heed, because their files say it themselves: each is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from energy_lib.landing.sources.allowed_values import SELF_DESCRIBING, Format

if TYPE_CHECKING:
    from energy_lib.landing.sources.source import Source

SAID_BY_THE_FILE = ("meter", "building", "time", "quality", "columns")
OF_TEXT_TABLES = ("separator", "skip_rows", "comment", "column_names")
OF_VALUES = ("column", "unit", "register_reads")
# Only NEM12 is text in an encoding of the sender's choice; XML names its own.
NOT_HEEDED = {Format.NEM12: (), Format.GREEN_BUTTON: ("encoding",)}
CLOCK = 'write nem12: {utc_offset: "+08:00"} if its clock is not Eastern Standard Time (UTC+10 all year)'


def self_describing_faults(source: Source) -> Iterator[str]:
    """A sentence for each key that is set and would not be heeded."""
    if source.format is not Format.NEM12 and "nem12" in source.model_fields_set:
        yield f"nem12 is for format nem12, and says nothing of {source.format.value}: remove it"
    if source.format not in SELF_DESCRIBING:
        return
    given, of_value = source.model_fields_set, source.value.model_fields_set if source.value is not None else set()
    ignored = [key for key in (*SAID_BY_THE_FILE, *OF_TEXT_TABLES, *NOT_HEEDED[source.format]) if key in given]
    ignored += [f"value.{key}" for key in OF_VALUES if key in of_value]
    for key in ignored:
        advice = f"; {CLOCK}" if key == "time" and source.format is Format.NEM12 else ""
        yield f"{key} is not heeded, because a {source.format.value} file says it itself: remove it{advice}"
