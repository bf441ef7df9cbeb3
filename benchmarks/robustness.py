"""Accuracy of a champion with little history and with missing readings, and of seasonal naive on the same inputs.

    python -m benchmarks.robustness --lake data/lake --from 2022-12-01 --to 2022-12-30 --every-days 3

Reads a lake that has a champion trained before the period, and changes nothing in it. For each meter and origin the
readings known then are altered and cleaned; then features and forecasts are computed by the code that the jobs use
(with its fallbacks). Prints two tables of scores over the hours that were measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from benchmarks.measure import machine, measured
from energy_lib.cleaning import hourly_view
from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.evaluation.spark.daily_sums import measured as fit_to_score
from energy_lib.features import feature_set
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.feature_rows import feature_rows
from energy_lib.features.meter import Meter
from energy_lib.features.spark.build import meter_facts
from energy_lib.features.spark.kernels import between, meter_of, version_reach_hours
from energy_lib.features.weather import WEATHER_REACH_HOURS, WeatherBook
from energy_lib.forecasting.model_forecasts import ModelRef, forecast_rows
from energy_lib.forecasting.spark.fuel_profile import with_fuel_profile
from energy_lib.intervals import DAY, Period, midnight_utc
from energy_lib.lake import Lake, open_session
from energy_lib.metrics.arrays import coverage, wape
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.models.config import load_config
from energy_lib.registry.versions import champion_before
from energy_lib.tables import silver
from energy_lib.vocabulary import QUANTILES

RECENT_HOURS = 28 * 24
RUN_HOURS = 12
# A fold of the meters is new at a time; the other meters give the fuel's profile.
FOLDS = 5

# (Readings known at an origin, the origin, a generator) → the readings that are left.
Alter = Callable[[pd.DataFrame, pd.Timestamp, np.random.Generator], pd.DataFrame]


def only_last(days: int, readings: pd.DataFrame, origin: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """A meter that began `days` before the origin."""
    return readings[readings["interval_start_utc"] >= origin - pd.Timedelta(days=days)]


def late_day(readings: pd.DataFrame, origin: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """The last day has not come yet."""
    return readings[readings["interval_start_utc"] < origin - pd.Timedelta(days=1)]


def lost(
    share: float, run: int, readings: pd.DataFrame, origin: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """`share` of the last 28 days' hours missing, in runs of `run` hours (1: one by one)."""
    ago = ((origin - readings["interval_start_utc"]) / pd.Timedelta(hours=1)).to_numpy()
    starts = rng.permutation(RECENT_HOURS // run)[: round(share * RECENT_HOURS / run)]
    gone = np.isin(np.ceil(ago - 1e-9).astype(int) - 1, (starts[:, None] * run + np.arange(run)).ravel())
    return readings[~gone]


def unaltered(readings: pd.DataFrame, origin: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    return readings


HISTORIES: dict[str, Alter] = {f"{days} days": partial(only_last, days) for days in (0, 1, 7, 28)}
OUTAGES: dict[str, Alter] = {
    "the last day late": late_day,
    **{f"{share:.0%} missing, one by one": partial(lost, share, 1) for share in (0.05, 0.2, 0.5)},
    **{f"{share:.0%} missing, in runs of {RUN_HOURS} h": partial(lost, share, RUN_HOURS) for share in (0.05, 0.2, 0.5)},
}


@dataclass(frozen=True)
class Case:
    """The lake's data: readings by meter (all versions within reach), meters, weather, actuals and origins."""

    lake: Lake
    config: Config
    readings: dict[str, pd.DataFrame]
    meters: dict[str, Meter]
    weather: WeatherBook
    actuals: pd.DataFrame
    origins: list[pd.Timestamp]
    seed: int = 7

    def rows(self, alter: Alter, chosen: list[str], rename: bool = False) -> pd.DataFrame:
        """gold.features rows of the chosen meters from altered readings; with `rename` they are new to a model."""
        parts = [self._rows(meter, alter, origin) for meter in chosen for origin in self.origins]
        features = pd.concat(parts, ignore_index=True)
        return features.assign(meter_id="new:" + features["meter_id"]) if rename else features

    def _rows(self, meter: str, alter: Alter, origin: pd.Timestamp) -> pd.DataFrame:
        versions = self.readings[meter]
        features = feature_set(self.config.features.horizon_hours)
        reach = version_reach_hours(features, self.config.cleaning)
        start, known = versions["interval_start_utc"], versions["available_at_utc"] <= origin
        known &= versions["superseded_at_utc"].isna() | (versions["superseded_at_utc"] > origin)
        known &= (start < origin) & (start >= origin - pd.Timedelta(hours=reach))
        # The same hours are lost whatever the order of the meters.
        rng = np.random.default_rng([self.seed, *meter.encode(), int(origin.timestamp()) // 3600])
        hourly = hourly_view(alter(versions[known], origin, rng), self.config.cleaning)
        return feature_rows(features, self.meters[meter], hourly, epoch_hours(pd.DatetimeIndex([origin])), self.weather)


def read_case(lake: Lake, config: Config, period: Period, every_days: int) -> Case:
    horizon = config.features.horizon_hours
    reach = version_reach_hours(feature_set(horizon), config.cleaning)
    first, last = midnight_utc(period.first), midnight_utc(period.last + DAY)
    readings = between(lake.read(silver.READINGS), first - timedelta(hours=reach), last).toPandas()
    hours = between(lake.read(silver.HOURLY), first, last + timedelta(hours=horizon))
    facts = meter_facts(lake).toPandas()
    weather_from = first - timedelta(hours=WEATHER_REACH_HOURS)
    weather = between(lake.read_or_empty(silver.WEATHER), weather_from, last + timedelta(hours=horizon))
    return Case(
        lake=lake,
        config=config,
        readings={str(meter): rows for meter, rows in readings.groupby("meter_id")},
        meters={row["meter_id"]: meter_of(row) for _, row in facts.iterrows()},
        weather=WeatherBook.of(weather.drop(*silver.SAID_BY_NAMES).toPandas()),
        actuals=fit_to_score(hours).toPandas(),
        origins=[pd.Timestamp(day) for day in period.days()[::every_days]],
    )


def profiled(case: Case, altered: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """`altered` with the fuel's profile of `others` at the same origins."""
    both = case.lake.spark.createDataFrame(pd.concat([altered, others], ignore_index=True))
    features = with_fuel_profile(both).where(F.col("meter_id").startswith("new:")).toPandas()
    return features.sort_values(["meter_id", "origin_utc", "interval_start_utc"], ignore_index=True)


def histories(case: Case, whole: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Features of each meter as if it were new, with each of HISTORIES, and of the meters as they are."""
    meters = sorted(case.readings)
    for name, alter in HISTORIES.items():
        parts = []
        for fold in range(FOLDS):
            new = meters[fold::FOLDS]
            parts.append(profiled(case, case.rows(alter, new, rename=True), whole[~whole["meter_id"].isin(new)]))
        yield name, pd.concat(parts, ignore_index=True)
    yield "all, meter never seen", whole.assign(meter_id="new:" + whole["meter_id"])
    yield "all", whole


def outages(case: Case, whole: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "nothing missing", whole
    for name, alter in OUTAGES.items():
        yield name, case.rows(alter, sorted(case.readings))


def table(case: Case, model: ModelRef, rows: Iterator[tuple[str, pd.DataFrame]]) -> str:
    """A table with a line for each fuel and scenario: WAPE (pooled, median meter), coverage, fallbacks, naive WAPE."""
    lines = ["| fuel | inputs | WAPE pooled / median | p10–p90 | fallback | naive 24 h | naive 168 h |"]
    lines.append("| --- " * 7 + "|")
    lines_by_fuel: dict[str, list[str]] = {}
    for name, features in rows:
        answers = {
            each.name: scored(case, features, each) for each in (model, *map(ModelRef.baseline, SEASONAL_NAIVES))
        }
        for fuel, mine in answers[model.name].groupby("fuel"):
            covered = coverage(*(mine[column].to_numpy(np.float64) for column in ("actual", "p10", "p90")))
            naive = (pooled(answers[each], str(fuel)) for each in SEASONAL_NAIVES)
            own = [wape_of(part) for _, part in mine.groupby("meter_id")]
            lines_by_fuel.setdefault(str(fuel), []).append(
                f"| {fuel} | {name} | {wape_of(mine):.4f} / {np.nanmedian(own):.4f} | {covered:.3f} "
                f"| {mine['fallback'].notna().mean():.0%} | {' | '.join(f'{each:.4f}' for each in naive)} |"
            )
    return "\n".join([*lines, *(line for fuel in sorted(lines_by_fuel) for line in lines_by_fuel[fuel])])


def scored(case: Case, features: pd.DataFrame, model: ModelRef) -> pd.DataFrame:
    answer = forecast_rows(features, model, "backtest")
    answer["meter_id"] = answer["meter_id"].str.removeprefix("new:")
    columns = ["meter_id", "interval_start_utc", "fuel", "fallback", *QUANTILES]
    return answer[columns].merge(case.actuals, on=["meter_id", "interval_start_utc"], validate="many_to_one")


def wape_of(cells: pd.DataFrame) -> float:
    return wape(cells["actual"].to_numpy(np.float64), cells["p50"].to_numpy(np.float64))


def pooled(cells: pd.DataFrame, fuel: str) -> float:
    return wape_of(cells[cells["fuel"] == fuel])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lake", required=True)
    arguments.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 12, 1))
    arguments.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 12, 30))
    arguments.add_argument("--every-days", type=int, default=3, help="days between the origins that are forecast")
    arguments.add_argument("--set", action="append", default=[])
    options = arguments.parse_args()
    config, _ = load_config("conf/local.yaml", [f"lake={options.lake}", *options.set])
    period = Period(options.first, options.last)
    champion = champion_before(config, period.first)
    if champion is None:
        raise InputMissing(f"{options.lake} has no champion trained before {period.first}.")
    model = ModelRef(*champion)
    print(machine())
    lake = Lake(open_session(config.spark), config.lake)
    case = read_case(lake, config, period, options.every_days)
    print(f"{model.name} v{model.version}: {len(case.readings)} meters, {len(case.origins)} origins")
    with measured("features of nothing altered"):
        whole = case.rows(unaltered, sorted(case.readings))
    for title, rows in (("history", histories), ("missing readings", outages)):
        with measured(title):
            shown = table(case, model, rows(case, whole))
        print(shown, flush=True)


if __name__ == "__main__":
    main()
