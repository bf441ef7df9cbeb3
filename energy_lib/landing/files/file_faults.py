"""What can be wrong with a landed file or a row of it, as rule ids (docs/cleaning.md lists them; a test compares)."""

from __future__ import annotations


class FileFault(Exception):
    """The whole file is unusable: nothing of it is published, one quarantine row says why."""

    def __init__(self, rule_id: str, reason: str) -> None:
        super().__init__(f"{rule_id}: {reason}")
        self.rule_id = rule_id
        self.reason = reason


def reader_failed(error: Exception) -> FileFault:
    """The fault of an unforeseen error while a file was read: it must not stop the other files of the night."""
    return FileFault(FILE_UNREADABLE, f"its reader failed ({type(error).__name__}: {error})")


FILE_EMPTY = "file_empty"
FILE_TRUNCATED = "file_truncated"
FILE_CORRUPT = "file_corrupt"
FILE_BINARY = "file_binary"
FILE_ENCODING = "file_encoding"
FILE_MISSING_COLUMN = "file_missing_column"
FILE_UNREADABLE = "file_unreadable"
FILE_NAME = "file_name"
FILE_LAYOUT = "file_layout"
FILE_TOO_LARGE = "file_too_large"
FILE_MISCOUNTED = "file_miscounted"
FILE_TIME = "file_time"

RAGGED_ROW = "ragged_row"
UNPARSEABLE_ROW = "unparseable_row"
LINE_TOO_LONG = "line_too_long"
MESSAGE_EMPTY = "message_empty"
MESSAGE_TOO_LONG = "message_too_long"
MESSAGE_TIME = "message_time"
UNKNOWN_VERSION = "unknown_version"
MISSING_METER = "missing_meter"
UNPARSEABLE_TIMESTAMP = "unparseable_timestamp"
TIMESTAMP_OUT_OF_RANGE = "timestamp_out_of_range"
NONEXISTENT_LOCAL_TIME = "nonexistent_local_time"
AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time"
MISSING_VALUE = "missing_value"
UNPARSEABLE_VALUE = "unparseable_value"
IMPLAUSIBLE_VALUE = "implausible_value"
REPEATED_TERM = "repeated_term"
BROKEN_DECLARATION = "broken_declaration"
EMPTY_PERIOD = "empty_period"
OVERLAPPING_VALIDITY = "overlapping_validity"
REPORTING_IN_BASELINE = "reporting_in_baseline"
IMPOSSIBLE_DEADLINE = "impossible_deadline"
EVENT_NOWHERE = "event_nowhere"
AREA_IN_ITSELF = "area_in_itself"
UNKNOWN_UNIT = "unknown_unit"
UNKNOWN_FUEL = "unknown_fuel"
UNKNOWN_FLOW = "unknown_flow"
UNKNOWN_INTERVAL = "unknown_interval"
IGNORED_ROW = "ignored_row"
OTHER_CHANNEL = "other_channel"
COARSER_INTERVAL = "coarser_interval"
OLDER_VERSION = "older_version"
