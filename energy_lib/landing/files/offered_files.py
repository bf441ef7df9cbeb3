"""A file that landing offers, and whether the lake has dealt with its content. No Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from energy_lib.landing.sources.source import Kind


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One file to ingest; `claimed_id` is the content's hash if an earlier run claimed it and did not finish."""

    landed_at_utc: datetime
    path: str
    uri: str
    size_bytes: int
    source: str
    claimed_id: str | None = None


def says_nothing_new(offer: Offer, kind: Kind, file_id: str, known: Mapping[str, Offer]) -> bool:
    """Whether the offered content is a copy of a `known` one (hash → the offer it was ingested from).

    Readings count from their content's first landing, whichever copy was offered first: an earlier one takes over.
    """
    first = known.get(file_id)
    if first is None:
        return False
    return kind is not Kind.READINGS or offer.source != first.source or offer.landed_at_utc >= first.landed_at_utc
