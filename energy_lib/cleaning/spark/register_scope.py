"""Which register reads of bronze a run looks at: those that its new reads can change, and what these depend on.

Nearly all registers are read every few weeks at most, in order. For them the reads of some months around the news are
enough. Only of a register that was silent for longer, or whose older reads came after newer ones, the reads of
REGISTER_REACH around are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers import JUDGED_AROUND, REGISTER_REACH, known_micros
from energy_lib.cleaning.spark.time_ranges import Range, within

# Below the news, in steps of JUDGED_AROUND: a read that keeps the older ones apart from the news; reads judged again
# with them; the steps by which these are judged; a read that keeps those apart from older ones.
NEAR_STEPS = 4
NEAR_REACH = NEAR_STEPS * JUDGED_AROUND
# Without such reads: what the news can change, what is judged again with it, by which steps, and where these began.
FAR_REACH = 2 * REGISTER_REACH + 2 * JUDGED_AROUND

STAMP = "interval_start_utc"


@dataclass(frozen=True, slots=True)
class RegisterScope:
    """Register reads of bronze to be differenced, and the ranges in which readings that may change began."""

    reads: DataFrame
    reading_ranges: list[Range]


def registers_around(news: list[Range], meters: DataFrame, bronze: DataFrame) -> RegisterScope:
    """The reads on which those depend that new reads of `meters` (meter_id), stamped in `news`, can change.

    `bronze`: the whole table. All reads up to FAR_REACH after the news are in it: as a rule there are none.
    """
    reads = bronze.where(F.col("register_kwh").isNotNull()).join(F.broadcast(meters), on="meter_id", how="left_semi")
    closely = [(low - NEAR_REACH, high + FAR_REACH) for low, high in news]
    near = reads.where(within(STAMP, closely))
    silent = _unsettled(near, news).collect()
    if not silent:
        return RegisterScope(near, closely)
    widely = [(low - FAR_REACH, high + FAR_REACH) for low, high in news]
    names = bronze.sparkSession.createDataFrame(silent, "meter_id string")
    far = reads.where(within(STAMP, widely) & ~within(STAMP, closely))
    far = far.join(F.broadcast(names), on="meter_id", how="left_semi")
    return RegisterScope(near.unionByName(far), widely)


def _unsettled(near: DataFrame, news: list[Range]) -> DataFrame:
    """meter_id of the meters whose reads near the news may depend on older ones, or whose older reads on the news.

    Settled are those with a read just below the news that was known before all of these, and with one at the lower end
    that was known before all above it. It has stood there ever since: none above was ever paired with one below.
    """
    known = known_micros()
    firsts = []
    for i, (low, high) in enumerate(news):
        beside, end = low - JUDGED_AROUND, low - (NEAR_STEPS - 1) * JUDGED_AROUND
        firsts += [
            F.min(F.when(within(STAMP, [(low, high)]), known)).alias(f"news{i}"),
            F.min(F.when(within(STAMP, [(beside, low)]), known)).alias(f"beside{i}"),
            F.min(F.when(F.col(STAMP) >= F.lit(end), known)).alias(f"above{i}"),
            F.min(F.when(within(STAMP, [(low - NEAR_REACH, end)]), known)).alias(f"below{i}"),
        ]
    first_news = F.array_min(F.array(*(F.col(f"news{i}") for i in range(len(news)))))
    settled = [
        F.col(f"news{i}").isNull()
        | F.coalesce((F.col(f"beside{i}") <= first_news) & (F.col(f"below{i}") <= F.col(f"above{i}")), F.lit(False))
        for i in range(len(news))
    ]
    return near.groupBy("meter_id").agg(*firsts).where(~reduce(Column.__and__, settled)).select("meter_id")
