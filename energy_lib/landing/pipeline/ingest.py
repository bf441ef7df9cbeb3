"""A night's landing into the lake: stage, audit, claim, publish, and record what became of each file.

The next run finishes what a killed one left: files are claimed in bronze.files before any row is published, all
readings of a file reach bronze in one commit, and the files are marked as done last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from energy_lib.config import Config
from energy_lib.lake import Lake, Outcome, Rows, conform, few_or_frame
from energy_lib.lake.adoption import FileBatch, staged_files, takes_files
from energy_lib.lake.table_files import FileSink
from energy_lib.landing.files.file_outcomes import (
    DUPLICATE,
    INGESTED,
    REJECTED,
    Ending,
    Parsed,
    settle,
    with_taken_over,
)
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.parsing.reference_tables import TABLE_OF
from energy_lib.landing.pipeline.file_ledger import claim, finish, ingested, outcomes_in, rows_present
from energy_lib.landing.pipeline.listing import list_offers
from energy_lib.landing.pipeline.new_meters import register_meters
from energy_lib.landing.pipeline.parse_tasks import are_small, parse_offers
from energy_lib.landing.pipeline.parse_to_files import parse_to_files
from energy_lib.landing.pipeline.publish import (
    forgive,
    latest,
    publish_readings,
    publish_reference,
    publish_rejects,
    rows_of,
)
from energy_lib.landing.pipeline.streamed_meters import register_streamed_meters
from energy_lib.landing.sources.pseudonymous import sources_of_lake
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.quality import gate
from energy_lib.tables import Table, bronze

# Buildings before readings: a meter seen in readings takes its floor area from its building.
ORDER = (
    *(Kind.BUILDINGS, Kind.METERS, Kind.VIRTUAL_METERS),
    *(Kind.WEATHER, Kind.CARBON_INTENSITY, Kind.PRICES),
    *(Kind.EMISSION_FACTORS, Kind.TARIFFS, Kind.PROJECTS, Kind.ASSETS, Kind.EVENTS, Kind.AREAS),
    Kind.READINGS,
)
REJECTIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LandedBatch:
    """The files of one kind in this run: all rows of those to ingest, the ending of each file, what to publish.

    `files`: Parquet files that hold just the rows to publish, if they were written aside.
    """

    kind: Kind
    rows: DataFrame
    endings: list[Ending]
    to_publish: Rows
    files: FileBatch | None = None

    @property
    def any_whole(self) -> bool:
        return any(ending.status == INGESTED for ending in self.endings)

    @property
    def table(self) -> Table:
        return bronze.READINGS if self.kind is Kind.READINGS else TABLE_OF[self.kind]


def ingest(lake: Lake, config: Config) -> Outcome:
    """Ingest every file of `config.landing` that the lake has not dealt with: the use case of jobs/ingest.py.

    Raises BadConfig for a wrong YAML, InputMissing without a landing folder, and GateRefused if what would be
    published fails its suite. A faulty file or row raises nothing: it goes to quarantine.
    """
    sources = sources_of_lake(lake.root, config)
    offers = list_offers(lake, config.landing, sources, links_out=config.landing_links_out)
    outcome = Outcome(lines=[*_undescribed(offers.undescribed), *offers.notes])
    if streamed := register_streamed_meters(lake, sources):
        outcome.lines.append(f"Meters that messages named first: {streamed:,}.")
    if not offers.files:
        outcome.lines.append(f"Nothing new in {config.landing}.")
        return outcome
    done = rows_present(lake, [offer for offer in offers.files if offer.claimed_id])
    finished = {ending.offer for ending in done}
    with ExitStack() as stack:
        todo = [offer for offer in offers.files if offer not in finished]
        # What a killed run has published counts as known, or its copies would be published again.
        before = ingested(lake, offers.files)
        known = before | {ending.file_id: ending.offer for ending in done}
        batches = _stage(lake, todo, sources, known, stack)
        outcome.gates = _audit(batches)
        endings = [ending for batch in batches for ending in batch.endings]
        # Before the claims, which take the place of what bronze.files says of an earlier rejection.
        forgive(lake, [ending for ending in endings if ending.status == INGESTED])
        claim(lake, endings)
        _publish(lake, batches, sources, known)
    finish(lake, with_taken_over([*done, *endings], before))
    return _reported(outcome, [*done, *endings])


def _stage(
    lake: Lake, todo: list[Offer], sources: dict[str, Source], known: dict[str, Offer], stack: ExitStack
) -> list[LandedBatch]:
    """Parse all files once, aside; nothing of the lake's tables has changed after this."""
    seen: set[str] = set()
    batches = []
    for kind in ORDER:
        offers = [offer for offer in todo if sources[offer.source].kind is kind]
        if not offers:
            continue
        parsed = stack.enter_context(_parsed(lake, kind, offers, sources, known))
        endings = settle(parsed.outcomes, seen)
        rows = rows_of(parsed.rows, endings)
        to_publish = rows if kind is Kind.READINGS else latest(rows, TABLE_OF[kind])
        count = sum(ending.row_count for ending in endings)
        # Files that turned out to be cut, or copies, have left rows which must not be published.
        files = parsed.files if parsed.files is not None and parsed.files.count == count else None
        batches.append(LandedBatch(kind, rows, endings, few_or_frame(to_publish, count), files))
    return batches


@dataclass(frozen=True, slots=True)
class ParsedFiles:
    """All rows of a kind's files, how the parsing of each went, and the Parquet files that hold the rows, if any."""

    rows: DataFrame
    outcomes: dict[Offer, Parsed]
    files: FileBatch | None = None


@contextmanager
def _parsed(
    lake: Lake, kind: Kind, offers: list[Offer], sources: dict[str, Source], known: dict[str, Offer]
) -> Iterator[ParsedFiles]:
    """The rows of all files, parsed once: rows of large files are kept aside."""
    if kind is Kind.READINGS and not are_small(offers) and takes_files(lake):
        outcomes: dict[Offer, Parsed] = {}

        def write(sink: FileSink) -> list[tuple[str, int]]:
            written, went = parse_to_files(lake.spark, offers, sources, known, sink)
            outcomes.update(went)
            return written

        with staged_files(lake, bronze.READINGS, write) as files:
            yield ParsedFiles(files.frame, outcomes, files)
        return
    rows = parse_offers(lake.spark, kind, offers, sources, known)
    if are_small(offers):
        small = conform(rows, bronze.READINGS) if kind is Kind.READINGS else rows
        yield ParsedFiles(small, outcomes_in(small, offers))
    elif kind is Kind.READINGS:
        with lake.staged(bronze.READINGS, rows, label="landing") as batch:
            yield ParsedFiles(batch.frame, outcomes_in(batch.frame, offers))
    else:
        try:
            kept = rows.persist()
            yield ParsedFiles(kept, outcomes_in(kept, offers))
        finally:
            rows.unpersist()


def _audit(batches: list[LandedBatch]) -> list[dict[str, Any]]:
    """Hold what is to be published against its suite; raises GateRefused."""
    gates = []
    for batch in batches:
        if batch.any_whole:
            gates.append(gate(batch.to_publish, batch.table))
    return gates


def _publish(lake: Lake, batches: list[LandedBatch], sources: dict[str, Source], known: dict[str, Offer]) -> None:
    """Readings last: whatever can be repeated comes before the one append."""
    references = [batch for batch in batches if batch.kind is not Kind.READINGS]
    endings = [ending for batch in batches for ending in batch.endings]
    broken = [batch.rows for batch in references if any(ending.broken for ending in batch.endings)]
    publish_rejects(lake, endings, broken)
    for batch in references:
        if batch.any_whole:
            publish_reference(lake, batch.table, batch.to_publish)
    for batch in batches:
        if batch.kind is Kind.READINGS and batch.any_whole:
            register_meters(lake, batch.rows, sources)
            publish_readings(lake, batch.files or batch.to_publish, batch.endings, known)


def _reported(outcome: Outcome, endings: list[Ending]) -> Outcome:
    statuses = Counter(ending.status for ending in endings)
    outcome.rows_in = outcome.rows_out = sum(ending.row_count for ending in endings)
    broken = sum(ending.broken for ending in endings)
    files = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    outcome.lines.append(f"Files: {files}. Rows: {outcome.rows_in:,}, of which {broken:,} could not be parsed.")
    copies = [ending for ending in endings if ending.status == DUPLICATE]
    outcome.lines += [f"Not read again {e.offer.path}: {e.reason}." for e in copies[:REJECTIONS_SHOWN]]
    if len(copies) > REJECTIONS_SHOWN:
        outcome.lines.append(f"… and {len(copies) - REJECTIONS_SHOWN} more copies: see bronze.files.")
    rejected = [ending for ending in endings if ending.status == REJECTED]
    outcome.lines += [f"Rejected {e.offer.path} ({e.rule_id}): {e.reason}." for e in rejected[:REJECTIONS_SHOWN]]
    if len(rejected) > REJECTIONS_SHOWN:
        outcome.lines.append(f"… and {len(rejected) - REJECTIONS_SHOWN} more: see silver.quarantine, row_number 0.")
    return outcome


def _undescribed(paths: list[str]) -> list[str]:
    """Files without a source stay in landing and are named every night; they never stop the others."""
    if not paths:
        return []
    folders = ", ".join(sorted({path.rpartition("/")[0] or "." for path in paths})[:5])
    return [
        f"{len(paths)} files in landing belong to no source (in {folders}): write a YAML for them in conf/sources "
        "or sources_dir (docs/sources.md), or take them away."
    ]
