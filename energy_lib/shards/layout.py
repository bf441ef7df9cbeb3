"""Which row goes into which file: files of equal size, rows spread by a hash, so that files mix meters and seasons."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd


def spread(keys: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Keys (meter_id, origin_utc) in the order of a hash of seed, meter and origin."""
    origins = keys["origin_utc"].to_numpy("datetime64[us]").astype(np.int64)
    texts = (f"{seed}|{meter}|{origin}" for meter, origin in zip(keys["meter_id"], origins, strict=True))
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    ordered = keys.assign(digest=digests).sort_values("digest", kind="stable")
    return ordered.drop(columns="digest").reset_index(drop=True)


def place(ordered: pd.DataFrame, files: int) -> pd.DataFrame:
    """Add `file`, `position` and `padding`: every file gets the same count of rows.

    If `files` does not divide the rows, the first rows are repeated as padding, which has weight 0 in training.
    """
    rows = len(ordered)
    per_file = -(-rows // files)
    short = per_file * files - rows
    padding = ordered.iloc[np.arange(short) % max(rows, 1)].assign(padding=True)
    placed = pd.concat([ordered.assign(padding=False), padding], ignore_index=True)
    number = np.arange(len(placed))
    return placed.assign(file=(number % files).astype(np.int32), position=(number // files).astype(np.int32))
