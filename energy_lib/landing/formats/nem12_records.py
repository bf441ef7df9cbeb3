"""The records of a NEM12 file: its lines, taken apart."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from energy_lib.landing.files.content import Content, LongLine, text_blocks

# CR and LF end a line, together or alone: some senders put a bare CR between two records.
LINE_END = re.compile(r"\r\n|\r|\n")
# Far beyond a day of one-minute values; what is longer is no record.
LONGEST_RECORD = 131_072


def records(content: Content, encoding: str) -> Iterator[list[str]]:
    """Fields of each record without blanks around them; lines without any text are left out.

    A line longer than LONGEST_RECORD comes as one field, which is of no kind of record; of one beyond what memory is
    good for, its beginning.
    """
    long_lines: list[LongLine] = []
    with content.open() as stream:
        for block in text_blocks(stream, encoding, long_lines=long_lines):
            # Before the block's own lines, so that the 900 record stays the last.
            yield from ([line.begins] for line in long_lines)
            long_lines.clear()
            for line in LINE_END.split(block.decode("utf-8")):
                fields = _fields(line)
                if any(fields):
                    yield fields


def _fields(line: str) -> list[str]:
    if len(line) > LONGEST_RECORD:
        return [line]
    texts = next(csv.reader([line]), []) if '"' in line else line.split(",")
    return [text.strip() for text in texts]
