"""Lines of delimited text whose quote is never closed: they would swallow the good rows after them."""

from __future__ import annotations

import csv


def stray_quotes(lines: list[bytes], separator: bytes, fields: int) -> list[int]:
    """Positions of the lines that open a quote by mistake.

    Lines with an odd number of quotes open and close fields with line breaks, in pairs. A pair is none if both its
    lines, or one between them, have all their separators: they are rows of their own. Nor is it one if a field does
    not begin with the quote that opens and end with the one that closes (RFC 4180).
    """
    odd = [position for position, line in enumerate(lines) if line.count(b'"') % 2]

    def whole(position: int) -> bool:
        return lines[position].count(separator) == fields - 1

    stray, at = [], 0
    while at < len(odd):
        first, last = odd[at], odd[at + 1] if at + 1 < len(odd) else None
        if (
            last is None
            or (whole(first) and whole(last))
            or any(whole(n) for n in range(first + 1, last))
            or not _one_record(lines[first : last + 1], separator)
        ):
            stray.append(first)
            at += 1
        else:
            at += 2
    return stray


def _one_record(lines: list[bytes], separator: bytes) -> bool:
    texts = [line.decode("utf-8", errors="replace").rstrip("\r") + "\n" for line in lines]
    try:
        records = list(csv.reader(texts, delimiter=separator.decode(), strict=True))
    except csv.Error:
        return False
    # A quote within a field that no quote opens is a letter to the reader, and closes nothing.
    return len(records) == 1
