"""NEM12, AEMO's interval meter data file: records 100 to 900, times in Eastern Standard Time all year (UTC+10).

Layout: AEMO, "Meter Data File Format Specification NEM12 & NEM13". A 200 record opens a data stream, a 300 record
holds a day of it, 400 records give qualities to ranges of that day's intervals.
"""

from __future__ import annotations

from collections.abc import Iterator

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, RawReadings
from energy_lib.landing.formats.nem12_days import Days
from energy_lib.landing.formats.nem12_records import LONGEST_RECORD, records
from energy_lib.landing.sources.source import Source

HEADER, STREAM, DAY, RANGE, B2B, END = "100", "200", "300", "400", "500", "900"
KINDS = (HEADER, STREAM, DAY, RANGE, B2B, END)
READINGS_A_CHUNK = 200_000


def read_nem12(content: Content, source: Source) -> Iterator[RawReadings]:
    """Readings of the file, as the AEMO specification lays out its records; `source.channels` names NMI suffixes.

    A reading's meter is `<NMI>_<suffix>`, whose suffix says its flow. A record that does not fit its place is a broken
    row. A suffix that is not wanted, or is no active energy, breaks `other_channel`; a day of which the file has told a
    newer version breaks `older_version`. Raises FileFault without a 100 header or a 900 end, unless `source.nem12`
    needs none.
    """
    days, kind, number = Days(source), None, 0
    for number, record in enumerate(records(content, source.encoding), start=1):
        kind = record[0]
        if number == 1:
            _require_start(record, source)
        if kind == DAY and len(days) >= READINGS_A_CHUNK:
            yield days.given()
        broken = _take(days, record)
        if broken is not None:
            days.broken.append(_broken_row(record, number, *broken))
    if kind != END and source.nem12.needs_900:
        raise FileFault(
            file_faults.FILE_TRUNCATED,
            f"the file ends after {number} records without its 900 record; if its sender writes none, say "
            "nem12: {needs_900: false} in the source's YAML",
        )
    yield days.given()


def _require_start(record: list[str], source: Source) -> None:
    if record[:2] == [HEADER, "NEM12"] or (record[0] == STREAM and not source.nem12.needs_100):
        return
    advice = "; if its sender writes none, say nem12: {needs_100: false} in the source's YAML"
    reason = f"the first record is not 100,NEM12{advice if record[0] == STREAM else ''}"
    raise FileFault(file_faults.FILE_UNREADABLE, reason)


def _take(days: Days, record: list[str]) -> tuple[str, str] | None:
    """Add the record to `days`; rule and reason if it does not fit its place."""
    kind = record[0]
    if len(kind) > LONGEST_RECORD:
        # What follows must not be taken for a part of what came before.
        days.close(stream=kind.startswith(STREAM))
        return file_faults.UNPARSEABLE_ROW, f"has {len(kind):,} characters; no record is longer than {LONGEST_RECORD:,}"
    if kind == STREAM:
        return days.open_stream(record)
    if kind == DAY:
        return days.add_day(record)
    if kind == RANGE:
        return days.set_quality(record)
    if kind not in KINDS:
        return file_faults.UNPARSEABLE_ROW, "is none of 100, 200, 300, 400, 500 and 900"
    return None


def _broken_row(record: list[str], number: int, rule_id: str, what: str) -> BrokenRow:
    return BrokenRow(",".join(record), rule_id, f"record {number} {what}")
