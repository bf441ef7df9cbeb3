"""How many records a block of text holds, counted from its bytes: what a reader gives is held against it."""

from __future__ import annotations

import numpy as np

LINE_FEED, CARRIAGE_RETURN, QUOTE, BLANK = 10, 13, 34, 32


def delimited_records(block: bytes) -> int:
    """Records of delimited text (RFC 4180): lines that are not empty; a line break within quotes ends none.

    `block` holds whole lines, each ended by LF or by CR and LF.
    """
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == LINE_FEED)
    if b'"' in block:
        quotes_before = np.cumsum(data == QUOTE, dtype=np.uint8)[ends]
        ends = ends[quotes_before % 2 == 0]
    lengths = np.diff(ends, prepend=-1) - 1
    lengths -= (lengths > 0) & (data[ends - 1] == CARRIAGE_RETURN)
    return int(np.count_nonzero(lengths))


def filled_lines(block: bytes) -> int:
    """Lines that hold more than blanks and control characters."""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == LINE_FEED)
    if len(ends) == 0:
        return 0
    filled = np.add.reduceat(data > BLANK, np.append(0, ends[:-1] + 1), dtype=np.int64)
    return int(np.count_nonzero(filled))
