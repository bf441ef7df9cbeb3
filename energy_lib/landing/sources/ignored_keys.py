"""Keys of a source's YAML that its format has no use for: a reader would believe they do something."""

from __future__ import annotations

from collections.abc import Collection

from energy_lib.landing.sources.allowed_values import Format

_OF_TEXT = ("encoding", "separator", "skip_rows", "comment", "column_names")
_OF_TABLES = ("meter", "building", "time", "fuel", "quality", "columns")
_OF_NEM12 = ("nem12",)
_OF_FILES = ("folder", "glob")
_OF_MESSAGES = ("kafka",)
_OF_SELF_DESCRIBING = ("value.column", "value.unit", "value.decimal", "value.thousands", "value.register_reads")
# NEM12 and Green Button name meter, time, unit and quality themselves, in the zone that their standard gives.
IGNORED = {
    Format.NEM12: (*_OF_TABLES, *_OF_TEXT[1:], *_OF_SELF_DESCRIBING, *_OF_MESSAGES),
    Format.GREEN_BUTTON: (*_OF_TABLES, *_OF_TEXT, *_OF_SELF_DESCRIBING, *_OF_NEM12, *_OF_MESSAGES),
    Format.PARQUET: (*_OF_TEXT, "channels", *_OF_NEM12, *_OF_MESSAGES),
    Format.JSON_LINES: (*_OF_TEXT[1:], "channels", *_OF_NEM12, *_OF_MESSAGES),
    Format.CSV: ("channels", *_OF_NEM12, *_OF_MESSAGES),
    Format.WIDE_CSV: ("channels", *_OF_NEM12, *_OF_MESSAGES),
    Format.KAFKA: (*_OF_FILES, *_OF_TEXT, "channels", *_OF_NEM12),
}


def ignored_keys(format_: Format, given: Collection[str], of_value: Collection[str]) -> list[str]:
    """The keys that are given, of the source and of its section `value`, and that say nothing to the format."""
    names = {*given, *(f"value.{key}" for key in of_value)}
    return [key for key in IGNORED[format_] if key in names]
