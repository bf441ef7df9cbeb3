"""The answer to a query, printed or written to a file. Times are UTC."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.errors import BadConfig, TryAgain
from energy_lib.lake.environment import environment_error

ROWS_PRINTED = 1000
FILE_ENDINGS = (".csv", ".parquet")


def printed(answer: pa.Table) -> list[str]:
    """The answer's first ROWS_PRINTED rows as text, and a line if there are more."""
    lines = [as_frame(answer.slice(0, ROWS_PRINTED)).to_string(index=False)]
    if answer.num_rows > ROWS_PRINTED:
        lines.append(f"These are the first {ROWS_PRINTED:,} rows; --output FILE.csv or FILE.parquet writes all.")
    return lines


def require_target(target: str, names: list[str]) -> None:
    """Raises BadConfig for a file that no answer with these columns can be written to."""
    if not target.endswith(FILE_ENDINGS):
        raise BadConfig(f"--output {target}: let it end in {' or '.join(FILE_ENDINGS)}.")
    if len(set(names)) < len(names) and target.endswith(".parquet"):
        raise BadConfig(f"Columns of the answer share a name ({', '.join(names)}): give each its own with AS.")


def require_outside(target: str, root: str) -> None:
    """Raises BadConfig for a file within the lake at `root`: only the jobs write there."""
    lake = Path(root.removeprefix("file://"))
    if "://" not in str(lake) and Path(target).resolve().is_relative_to(lake.resolve()):
        raise BadConfig(f"--output {target} lies in the lake, where the jobs alone write: name a file elsewhere.")


def written(answer: pa.Table, target: str) -> int:
    """Write the answer as one CSV or Parquet file (by its ending); returns the number of rows. Raises BadConfig."""
    require_target(target, answer.column_names)
    try:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        if target.endswith(".csv"):
            as_frame(answer).to_csv(target, index=False, encoding="utf-8")
        else:
            pq.write_table(answer, target)
    except pa.ArrowNotImplementedError as error:
        raise BadConfig(f"--output {target} cannot hold this answer ({error}): name a .csv file.") from None
    except OSError as error:
        full = environment_error(error, target)
        if isinstance(full, TryAgain):
            raise full from error
        reason = error.strerror or error
        raise BadConfig(f"--output {target} cannot be written ({reason}): name another file.") from None
    return int(answer.num_rows)


def as_frame(answer: pa.Table) -> pd.DataFrame:
    """The answer in pandas: times without a zone, also those of years that pandas has no number for."""
    naive = pa.schema(
        [pa.field(f.name, pa.timestamp(f.type.unit)) if pa.types.is_timestamp(f.type) else f for f in answer.schema]
    )
    plain = pa.Table.from_arrays(
        [column.cast(field.type) for column, field in zip(answer.columns, naive, strict=True)], schema=naive
    )
    try:
        frame = plain.to_pandas(maps_as_pydicts="lossy", coerce_temporal_nanoseconds=True)
    except pa.ArrowInvalid:
        frame = plain.to_pandas(maps_as_pydicts="lossy", timestamp_as_object=True)
    return pd.DataFrame(frame)
