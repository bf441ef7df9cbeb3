"""A dry run: how one file would be read, without Spark and without writing anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault, reader_failed
from energy_lib.landing.files.local_listing import landed_at
from energy_lib.landing.files.offered_files import Offer, require_landing_time
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.loading import load_sources
from energy_lib.landing.sources.source import Kind, Source

ROWS_SHOWN = 10
EXAMPLES_SHOWN = 3
HIDDEN = ("row_number", "raw_row", "rule_id", "reason")


Clean = Callable[[Offer, Source], Iterable[str]]


def preview(file: str, source_name: str | None, sources_dir: str | None, clean: Clean | None = None) -> Iterator[str]:
    """Lines for people: the first parsed rows, then what would be quarantined and why.

    `clean` gives the lines of what cleaning would reject; it is called for readings of which some parse. Raises
    BadConfig for an unknown source, InputMissing if there is no such file.
    """
    sources = load_sources(sources_dir)
    if source_name is None or source_name not in sources:
        problem = f"--source {source_name} is none" if source_name else "--source is missing: name one"
        raise BadConfig(
            f"{problem} of {', '.join(sources)}; write conf/sources/<name>.yaml (docs/sources.md) for another."
        )
    if not Path(file).is_file():
        raise InputMissing(f"There is no file {file}: give --dry-run a file to look at.")
    yield from preview_by(file, sources[source_name], clean)


def preview_by(file: str, source: Source, clean: Clean | None = None) -> Iterator[str]:
    """The lines of a dry run of a file that is there, by the source that is given."""
    path = Path(file)
    status = path.stat()
    landed_at_utc = landed_at(status.st_mtime_ns // 1_000_000)
    offer = Offer(landed_at_utc, file, str(path.resolve()), status.st_size, source.name)
    try:
        require_landing_time(offer)
    except FileFault as fault:
        yield f"The whole file would be quarantined by rule {fault.rule_id}: {fault.reason}."
        return
    parse = parse_readings if source.kind is Kind.READINGS else parse_reference
    parsed = yield from _lines(parse(Content.at(str(path.resolve()), file), source, landed_at_utc), file)
    if parsed and clean is not None and source.kind is Kind.READINGS:
        yield from clean(offer, source)
    yield "Nothing was written."


def _lines(tables: Iterator[pa.Table], file: str) -> Generator[str, None, int]:
    """The lines of parsing; returns how many rows parse."""
    shown, rows = 0, 0
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    try:
        for table in _with_faults(tables):
            rows += table.num_rows
            broken = pc.is_valid(table["rule_id"])
            if shown < ROWS_SHOWN:
                first = table.filter(pc.invert(broken)).slice(0, ROWS_SHOWN - shown)
                shown += first.num_rows
                if first.num_rows:
                    yield _as_text(first)
            _count_rules(table.filter(broken), counts, examples)
    except FileFault as fault:
        yield f"The whole file would be quarantined by rule {fault.rule_id}: {fault.reason}."
        yield f"Nothing of {file} would be published."
        return 0
    parsed = rows - counts.total()
    yield f"{parsed:,} of {rows:,} rows parse; {counts.total():,} would be quarantined."
    for rule_id, count in counts.most_common():
        yield f"  {rule_id}: {count:,} rows"
        yield from (f"    {example}" for example in examples[rule_id])
    return parsed


def _with_faults(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The tables; an unforeseen error becomes the fault that ingest makes of it."""
    try:
        yield from tables
    except FileFault:
        raise
    except Exception as error:
        raise reader_failed(error) from error


def _as_text(parsed: pa.Table) -> str:
    """The rows without empty columns, and without those that parsing keeps for itself."""
    filled = [name for name in parsed.column_names if name not in HIDDEN and parsed[name].null_count < parsed.num_rows]
    frame: pd.DataFrame = parsed.select(filled).to_pandas()
    return frame.to_string(index=False)


def _count_rules(broken: pa.Table, counts: Counter[str], examples: dict[str, list[str]]) -> None:
    if broken.num_rows == 0:
        return
    for rule in broken["rule_id"].value_counts().to_pylist():
        counts[rule["values"]] += rule["counts"]
        if len(examples[rule["values"]]) < EXAMPLES_SHOWN:
            first = broken.filter(pc.equal(broken["rule_id"], rule["values"])).slice(0, EXAMPLES_SHOWN)
            for row in first.select(["row_number", "reason"]).to_pylist():
                examples[rule["values"]].append(f"row {row['row_number']}: {row['reason']}")
