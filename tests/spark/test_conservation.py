"""The proof of law 1 finds what is lost, doubled or strange, and lets through what is whole."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from energy_lib.cleaning.spark.conservation import balance, require_conserved, unaccounted
from energy_lib.errors import NotConserved

# File → rows landed, in silver.readings, in silver.quarantine (row 0: the whole file).
WHOLE = {
    "good": ([1, 2, 3], [1, 3], [2]),
    "register": ([1, 2], [1, 2, 2], []),  # a read that gave two readings
    "weather": ([], [], [3]),
    "rejected": ([], [], [0]),
}
BROKEN = {
    "lost": ([1, 2, 3], [2], [3]),
    "in both": ([1, 2, 3], [1, 2], [2, 3]),
    "doubled": ([1, 2, 3], [1, 1, 2], [3]),
    "as many as there should be": ([1, 2, 3, 4], [3, 3], [3, 4]),
    "never landed": ([1], [1, 9], []),
    "of no file": ([], [1], []),
}
PLACES = {
    ("lost", 1): 0,
    ("in both", 2): 2,
    ("doubled", 1): 2,
    ("as many as there should be", 1): 0,
    ("as many as there should be", 2): 0,
    ("as many as there should be", 3): 3,
    ("never landed", 9): 1,
    ("of no file", 1): 1,
}


def frames(spark: SparkSession, files: dict[str, tuple[list[int], ...]]) -> list[DataFrame]:
    def rows(side: int) -> list[tuple[str, int, float | None]]:
        return [(name, row, 1.0 if name == "register" else None) for name in files for row in files[name][side]]

    return [
        spark.createDataFrame(rows(side), "file_id string, row_number long, register_kwh double") for side in range(3)
    ]


def test_what_is_whole_passes(spark: SparkSession) -> None:
    proof = require_conserved(*frames(spark, WHOLE))
    assert proof == {"proof": "conservation", "success": True, "rows": 5}


def test_what_is_not_in_one_place_is_named(spark: SparkSession) -> None:
    tables = frames(spark, WHOLE | BROKEN)
    balanced = {row["file_id"]: row["balanced"] for row in balance(*tables).collect()}
    assert balanced == {"good": True, "register": False} | dict.fromkeys(BROKEN, False)
    assert {(r["file_id"], r["row_number"]): r["places"] for r in unaccounted(*tables).collect()} == PLACES
    with pytest.raises(
        NotConserved, match=r"^8 of 19 raw rows .* row 1 of file as many as there should be in 0; row 2"
    ):
        require_conserved(*tables)
