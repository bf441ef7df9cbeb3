"""Values of a source's YAML that are checked when it is read, each with the sentence for a wrong one."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator

from energy_lib.landing.sources.geography import zone_fault
from energy_lib.landing.sources.linear_regex import require_linear

EPOCHS = ("epoch_s", "epoch_ms")


def _known_zone(zone: str) -> str:
    fault = zone_fault(zone)
    if fault is not None:
        raise ValueError(fault)
    return zone


def _known_encoding(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f"{encoding} is no encoding such as utf-8 or cp1252") from None
    return encoding


def _one_character(separator: str) -> str:
    if len(separator.encode()) != 1 or separator in '"\r\n':
        raise ValueError(f'{separator!r} is not one character such as , or ; (write a tab as "\\t")')
    return separator


def _pattern(regex: str) -> str:
    try:
        require_linear(regex)
    except ValueError as error:
        raise ValueError(f"{regex[:100]} is not a regular expression ({error})") from None
    return regex


def _stamp_format(format_: str) -> str:
    if format_ in EPOCHS:
        return format_
    try:
        pd.to_datetime(["no stamp"], format=format_, errors="coerce", utc=True)
    except ValueError as error:
        raise ValueError(f"{format_} is neither a strptime format nor {' nor '.join(EPOCHS)} ({error})") from None
    return format_


def _offset(text: str) -> str:
    if not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", text):
        raise ValueError(f'{text} is no offset from UTC such as "+08:00" (in quotes)')
    return text


def _length(minutes: int | str) -> int | str:
    if isinstance(minutes, int) and minutes <= 0:
        raise ValueError(f"{minutes} minutes are no length: give more than 0, or infer")
    return minutes


def require_no_truth_value(key: str, value: object) -> None:
    """Raises ValueError where a text is meant and YAML read a truth value: the value, an item, a key or its value."""
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    else:
        parts = list(value) if isinstance(value, list | tuple) else [value]
    for part in parts:
        if isinstance(part, bool):
            words = 'ON, yes and on as true: write "ON"' if part else 'NO, no and off as false: write "NO"'
            raise ValueError(f"{key}: YAML reads {words} in quotes")


def long_columns(columns: object) -> object:
    """`temperature_c: air_temp` is short for `temperature_c: {column: air_temp}`."""
    if not isinstance(columns, dict):
        return columns
    return {name: {"column": spec} if isinstance(spec, str) else spec for name, spec in columns.items()}


Zone = Annotated[str, AfterValidator(_known_zone)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
Separator = Annotated[str, AfterValidator(_one_character)]
Pattern = Annotated[str, AfterValidator(_pattern)]
StampFormat = Annotated[str, AfterValidator(_stamp_format)]
Offset = Annotated[str, AfterValidator(_offset)]
Length = Annotated[int | Literal["infer"], AfterValidator(_length)]
