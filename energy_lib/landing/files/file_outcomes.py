"""What becomes of offered files: ingested, rejected, or a duplicate of another. No Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.offered_files import Offer

# The values of bronze.files' column `status`.
CLAIMED, INGESTED, REJECTED, DUPLICATE = "claimed", "ingested", "rejected", "duplicate"


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an offered file; `row_count` are its rows, `broken` those of them that broke a rule."""

    offer: Offer
    file_id: str
    status: str
    row_count: int
    broken: int = 0
    rule_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """How the parsing of one offered file went; `rule_id` of the whole file."""

    file_id: str
    row_count: int
    broken: int
    rule_id: str | None
    reason: str | None


def counted_against(rows: int, file: Parsed) -> Parsed:
    """The file as it is, unless another number of rows arrived than were parsed: then it is miscounted."""
    if file.rule_id is not None or rows == file.row_count:
        return file
    reason = f"{file.row_count:,} of {rows:,} parsed rows arrived: please report it"
    return replace(file, rule_id=file_faults.FILE_MISCOUNTED, reason=reason)


def settle(parsed: Mapping[Offer, Parsed], seen: set[str]) -> list[Ending]:
    """What becomes of the files of one batch. `seen` holds the contents accepted so far, and grows.

    Of files with the same content the one that landed first is ingested, the others are duplicates.
    """
    endings = []
    first: dict[str, str] = {}
    for offer, file in sorted(parsed.items(), key=lambda item: item[0]):
        if file.rule_id == DUPLICATE or (file.rule_id is None and file.file_id in seen):
            reason = file.reason or f"its content is that of {first.get(file.file_id, 'another file')}"
            endings.append(Ending(offer, file.file_id, DUPLICATE, 0, reason=reason))
        elif file.rule_id is not None:
            endings.append(Ending(offer, file.file_id, REJECTED, 0, 0, file.rule_id, file.reason))
        else:
            seen.add(file.file_id)
            first[file.file_id] = offer.path
            endings.append(Ending(offer, file.file_id, INGESTED, file.row_count, file.broken))
    return endings


def with_taken_over(endings: list[Ending], known: Mapping[str, Offer]) -> list[Ending]:
    """The endings, with those of `known` files that an earlier copy takes over: these become duplicates."""
    first: dict[str, Offer] = {}
    for ending in sorted(endings, key=lambda e: e.offer.landed_at_utc):
        if ending.status == INGESTED:
            first.setdefault(ending.file_id, ending.offer)
    ends = []
    for ending in endings:
        stays = ending.status != INGESTED or first[ending.file_id] is ending.offer
        ends.append(ending if stays else Ending(ending.offer, ending.file_id, DUPLICATE, 0, reason=ending.reason))
    return ends + [Ending(known[file_id], file_id, DUPLICATE, 0) for file_id in first if file_id in known]
