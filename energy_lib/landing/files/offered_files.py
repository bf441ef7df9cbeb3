"""A file that landing offers, and whether the lake has dealt with its content. No Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from energy_lib.intervals import END_INSTANT
from energy_lib.landing.files.file_faults import FILE_TIME, FILE_UNREADABLE, FileFault
from energy_lib.landing.sources.source import Kind

# What a file counts as landed at whose modification time is before 1970 or after 2200.
LANDED_BEFORE = datetime(1969, 12, 31, tzinfo=UTC)
LANDED_AFTER = END_INSTANT
# Whole files with these faults are offered again every night: what was wrong lies outside the content.
OFFERED_AGAIN = (FILE_UNREADABLE,)
# Faults that a later success of the same path takes back.
MENDED_OUTSIDE = (FILE_UNREADABLE, FILE_TIME)


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One file to ingest; `claimed_id` is the content's hash if an earlier run claimed it and did not finish.

    `path` is what the lake calls it; `own_path` its path below landing, where that is another: a pseudonym stands for
    a name that may name a meter.
    """

    landed_at_utc: datetime
    path: str
    uri: str
    size_bytes: int
    source: str
    claimed_id: str | None = None
    own_path: str | None = None

    @property
    def name(self) -> str:
        """Its path below landing, as it is there."""
        return self.own_path or self.path


def require_landing_time(offer: Offer) -> None:
    """Raises FileFault for a file whose modification time cannot be when it landed."""
    if offer.landed_at_utc in (LANDED_BEFORE, LANDED_AFTER):
        when = "before 1970" if offer.landed_at_utc == LANDED_BEFORE else "after 2200"
        reason = f"its modification time lies {when}: set it to when the file came (touch), and it comes in"
        raise FileFault(FILE_TIME, reason)


def says_nothing_new(offer: Offer, kind: Kind, file_id: str, known: Mapping[str, Offer]) -> bool:
    """Whether the offered content is a copy of a `known` one of its source (hash → the offer it was ingested from).

    Another source reads other things in the same file. Readings count from their content's first landing, whichever
    copy was offered first: an earlier one takes over.
    """
    first = known.get(file_id)
    if first is None or first.source != offer.source:
        return False
    return kind is not Kind.READINGS or offer.landed_at_utc >= first.landed_at_utc
