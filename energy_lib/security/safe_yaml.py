"""YAML of users, read as data: no objects, and nothing that is small on disk and endless in memory."""

from __future__ import annotations

from typing import Any

import yaml

LARGEST_BYTES = 1 << 20
DEEPEST = 50
# Values that a text may stand for, each alias counted as all that it names. Real ones have some thousands at most.
MOST_VALUES = 100_000
# Without quotes it could be a number that takes minutes to write.
LONGEST_PLAIN = 4000
# libyaml reads ten times faster; a build without it lacks only speed.
_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(data: str | bytes) -> Any:
    """The value of a YAML text (bytes are UTF-8).

    Raises yaml.YAMLError for what is none, has tags of objects, is too large, too deep or stands for too much;
    ValueError for a value that cannot be (month 13), and UnicodeDecodeError.
    """
    if len(data) > LARGEST_BYTES:
        raise yaml.YAMLError(f"it is larger than {LARGEST_BYTES:,} bytes")
    text = data if isinstance(data, str) else data.decode("utf-8")
    _require_small(text)
    return yaml.safe_load(text)


def _require_small(text: str) -> None:
    """Raises YAMLError before anything is built of the text."""
    sizes: dict[str, int] = {}
    # Of each open collection: its anchor, and the values in it so far.
    within: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, Loader=_EVENTS):
        size = 0
        if isinstance(event, yaml.CollectionStartEvent):
            within.append((event.anchor, 1))
            if len(within) > DEEPEST:
                raise yaml.YAMLError(f"it nests deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = within.pop()
            if anchor is not None:
                sizes[anchor] = size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise yaml.YAMLError(f"its alias *{event.anchor} names nothing that is whole before it")
            size = sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            if event.implicit[0] and len(event.value) > LONGEST_PLAIN:
                raise yaml.YAMLError(f"a value of {len(event.value):,} letters is not in quotes")
            if event.anchor is not None:
                sizes[event.anchor] = 1
        if size:
            anchor, before = within[-1]
            within[-1] = (anchor, before + size)
            if before + size > MOST_VALUES:
                raise yaml.YAMLError(f"its aliases stand for more than {MOST_VALUES:,} values")
