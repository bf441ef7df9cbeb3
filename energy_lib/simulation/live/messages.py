"""Readings as messages (docs/schemas/reading.schema.json), and poison: what no reader should stumble over."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.injected_faults import iso_stamps

SCHEMA_VERSION = 1
# Of each kind once to ten times: what is too long would fill the broker's disk.
POISON_SHARE, MOST_OF_A_KIND = 0.003, 10
TOO_LONG_BYTES = 5 * 1024 * 1024

Value = bytes | None


def reading_messages(rows: pd.DataFrame, meter_ids: Sequence[str], fuels: Sequence[str]) -> list[bytes]:
    """One JSON object for each row (columns as true_readings), in their order; ids and fuels by a row's `meter`.

    A value that was not a number when it was read is a JSON string: such a row breaks the schema.
    """
    both = [f'{json.dumps(name)}, "fuel": {json.dumps(fuel)}' for name, fuel in zip(meter_ids, fuels, strict=True)]
    names = np.array(both, dtype=object)[rows["meter"].to_numpy()]
    start = np.where(rows["start_text"] == "", iso_stamps(rows["start"].to_numpy()), rows["start_text"])
    texts = rows["value_text"].to_numpy()
    kwh = [json.dumps(text) if text else f"{value:.3f}" for text, value in zip(texts, rows["kwh"], strict=True)]
    sent = iso_stamps(rows["received"].to_numpy())
    columns = (names, start, rows["minutes"].to_numpy(), kwh, rows["quality"], sent)
    head = f'{{"schema_version": {SCHEMA_VERSION}, "meter_id": '
    return [
        f'{head}{name}, "interval_start_utc": "{begin}", "interval_minutes": {minutes}, "energy_kwh": {energy}, '
        f'"quality": "{quality}", "sent_at_utc": "{at}"}}'.encode()
        for name, begin, minutes, energy, quality, at in zip(*columns, strict=True)
    ]


def poison_places(count: int, seed: int) -> tuple[NDArray[Any], list[str]]:
    """After which of `count` messages poison comes, in order, and of which kind; each kind at least once."""
    rng = np.random.default_rng([seed, 12])
    number = min(count, max(len(POISON), min(int(count * POISON_SHARE), MOST_OF_A_KIND * len(POISON))))
    places = np.sort(rng.choice(count, number, replace=False))
    kinds = list(POISON)
    return places, [kinds[i % len(kinds)] for i in range(number)]


def poison(kind: str, message: bytes) -> Value:
    """What this kind of poison makes of a good message."""
    return POISON[kind](message)


def _with(**fields: object) -> Callable[[bytes], Value]:
    """The message with these fields instead, those that are None left out."""

    def changed(message: bytes) -> Value:
        reading = {**json.loads(message), **fields}
        return json.dumps({name: value for name, value in reading.items() if value is not None}).encode()

    return changed


# Of each kind no reading is lost: the good message was sent too.
POISON: dict[str, Callable[[bytes], Value]] = {
    "not_json": lambda message: b"meter read OK",
    "cut_short": lambda message: message[: len(message) // 2],
    "array": lambda message: b"[" + message + b"]",
    "not_utf8": lambda message: message.replace(b'"measured"', b'"mesur\xe9"').replace(b'"edited"', b'"\xe9dited"'),
    "not_a_number": _with(energy_kwh=float("nan")),
    "wrong_type": _with(energy_kwh=[1.0]),
    "no_meter": _with(meter_id=None),
    "no_zone": lambda message: message.replace(b'Z"', b'"'),
    "no_version": _with(schema_version=None),
    "unknown_version": _with(schema_version=99),
    "too_long": _with(quality="x" * TOO_LONG_BYTES),
    "empty": lambda message: b"",
    "tombstone": lambda message: None,
}
