"""What a job may be told: every config key with its type, default, bounds and meaning."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat

from energy_lib.config.advice import AdviceConfig
from energy_lib.config.alerts import AlertsConfig
from energy_lib.config.privacy import PrivacyConfig
from energy_lib.config.section import Section
from energy_lib.config.serving import ServingConfig
from energy_lib.config.stream import StreamConfig
from energy_lib.errors import BadConfig
from energy_lib.security.settings import SecurityConfig
from energy_lib.vocabulary import Flow


class SparkConfig(Section):
    app_name: str = "energy"
    master: str | None = Field(None, description="Only for plain `python`: spark-submit has a master of its own")
    conf: dict[str, str] = Field(default_factory=dict, description="Any Spark setting")


class ZeroRunHours(Section):
    """Hours of zeros in a row that are suspect, by fuel; null: the rule is off.

    It is off for all other fuels, and for what is exported or generated: a night, or a winter, without is no fault.
    """

    electricity: int | None = Field(3, ge=1)
    gas: int | None = Field(None, ge=1)

    def of(self, fuel: str, flow: str = Flow.IMPORT) -> int | None:
        hours: int | None = getattr(self, fuel, None)
        return hours if flow in (Flow.IMPORT, Flow.NET) else None


class CleaningConfig(Section):
    snap_tolerance_seconds: int = Field(60, ge=0)
    future_tolerance_hours: float = Field(1.0, ge=0)
    physical_limit_kw: float = Field(20_000.0, gt=0, description="Where the meter has no capacity_kw")
    capacity_margin: float = Field(1.2, ge=1, description="Times capacity_kw")
    spike_factor: float = Field(8.0, gt=1, description="Times the robust spread of the same hour of week")
    drop_share: float = Field(0.5, ge=0, lt=1, description="Share of the usual trough up to which an hour is a drop")
    flatline_hours: int = Field(24, ge=2)
    zero_run_hours: ZeroRunHours = ZeroRunHours()
    never_rests_share: float = Field(0.02, ge=0, le=1, description="Zero share below which a meter never rests")
    register_rollover_kwh: tuple[PositiveFloat, ...] = (99_999.0, 999_999.0, 9_999_999.0)
    interpolate_hours: int = Field(3, ge=0, description="Longest gap that is interpolated")
    estimate_hours: int = Field(168, ge=0, description="Longest gap that is estimated from the hour of week")


class FeaturesConfig(Section):
    horizon_hours: int = Field(24, ge=1, le=168)
    origin_hour_utc: int = Field(0, ge=0, le=23)
    origin_every_days: int = Field(1, ge=1, description="Days between origins, counted from a Monday: 7 for Mondays")
    chunk_days: int = Field(366, ge=30, description="Days of origins one pandas group computes")


class TrainingConfig(Section):
    """What every training is told; energy_lib.models.config adds the sections of the model families.

    There `model` and `network` are held against the families too.
    """

    framework: Literal["tensorflow", "torch"] = Field(
        "tensorflow", description="What trains the networks; torch needs make install-torch"
    )
    model: str = Field(
        "dense",
        description="What is trained: a network, trees or the ensemble of both; energy_lib.models.families has all",
    )
    network: str = Field("tide", description="The ensemble's network: what else is said of networks here holds for it")
    workers: int = Field(2, ge=1)
    epochs: int = Field(30, ge=1)
    batch_size: int = Field(64, ge=1, description="Shard rows (meter-days) per step over all workers")
    learning_rate: float = Field(1e-3, gt=0)
    schedule: Literal["constant", "cosine"] = Field(
        "constant", description="The learning rate over the epochs: as it is, or down a cosine to a hundredth of it"
    )
    gradient_norm: float | None = Field(None, gt=0, description="Longest gradient of a step; null for no clipping")
    patience: int = Field(5, ge=1)
    seed: int = 7
    train_days: int | None = Field(None, ge=1, description="Newest days to train on; null for all")
    validation_days: int = Field(14, ge=1, description="Days after training for early stopping")
    backtest_days: int = Field(7, ge=1, description="Days after validation on which a challenger must win")
    late_share: float = Field(
        0.15,
        ge=0,
        lt=0.5,
        description="Share of the training meter-days that are learnt as if the last day were not read yet",
    )
    retrain_every_days: int = Field(7, ge=1)
    stall_seconds: float = Field(
        600, gt=0, description="A worker without a sign of life for so long (a step, or computing) is ended"
    )
    row_groups_per_worker: int = Field(4, ge=1)
    country: str = Field("GBR", description="ISO 3166 code (three letters) of the grid that training draws on")


class TuningConfig(Section):
    storage: str | None = Field(
        None, description="Optuna's storage that all workers reach, as a database URL; null: SQLite beside the lake"
    )


class MlflowConfig(Section):
    tracking_uri: str | None = Field(None, description="null: SQLite beside the lake")
    experiment: str = "energy"
    registered_model: str = "energy_forecast"


class DetectConfig(Section):
    alarms_per_meter_month: float = Field(
        1.0, gt=0, le=30, description="Alarms that a meter without a fault may raise a month; limits are learnt for it"
    )


class SimulateConfig(Section):
    meters: int = Field(40, ge=1)
    days: int = Field(150, ge=1)
    first_date: date = date(2024, 1, 1)
    history_days: int = Field(
        0,
        ge=0,
        description="Days before first_date on which the meters of projects were read too: a baseline needs a year",
    )
    seed: int = 7
    dirt: bool = True
    need_share: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Share of homes that are short of energy: they heat less than they need, ration, or run out of "
        "credit. With any, homes prepay and areas have outages",
    )


class MaintainConfig(Section):
    retain_days: int = Field(
        30, ge=7, description="Delta versions younger than this stay readable (time travel, change feeds)"
    )
    keep_days: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=lambda: {"gold.day_limits": 30},
        description="Table → days for which it keeps its rows, else for ever; streams need four days of limits",
    )


class ScheduleConfig(Section):
    horizon_hours: int = Field(48, ge=24, le=72, description="Hours that a plan looks ahead; the next night plans anew")
    limit_quantile: Literal["p50", "p75", "p90", "p95"] = Field(
        "p95", description="Quantile of the net load on which a site's limit and its monthly peak are planned"
    )
    limit_price_per_kwh: float = Field(
        10.0, gt=0, description="What a kWh above a site's limit costs a plan: it is relaxed where no plan holds it"
    )
    carbon_price_per_kg: float = Field(
        0.1, ge=0, description="What a kg of marginal carbon costs a plan, in the tariff's currency; 0: money alone"
    )


class ReportConfig(Section):
    language: Literal["en", "de"] = Field("en", description="Language of the report")
    buildings: int = Field(
        20, ge=0, description="Buildings whose details the file holds, those that cost most first; pages show any"
    )


class AccessConfig(Section):
    min_meters: int = Field(15, ge=2, description="Meters that a published cell of an area has at least")
    min_homes: int = Field(100, ge=2, description="The same of homes")
    largest_share: float = Field(0.15, gt=0, lt=1, description="Share of a published cell that one meter may be")
    home_uses: tuple[str, ...] = Field(("dwelling",), description="Uses in silver.meters that are homes")
    close_days: int = Field(10, ge=1, description="Days after a month's end from which it is published")
    settle_days: int = Field(
        100, ge=1, description="Days after a month's end from which it is said anew, once, as corrected by then"
    )
    base_temperature_c: float = Field(15.5, description="Heating degree days are counted below it")
    disconnected_hours: int = Field(
        3, ge=1, description="Hours without supply up to which a prepaid meter is not held to have run out of credit"
    )
    colder_fed_below: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Share of what like homes use per m2 and degree day below which a home is colder-fed",
    )
    epsilon: float | None = Field(
        None, gt=0, description="Epsilon of a month's private statistics, by home; null: there are none"
    )
    epsilon_per_year: float = Field(6.0, gt=0, description="Epsilon that any twelve months in a row may spend together")
    clip_kwh: int = Field(2000, ge=1, description="Energy of a fuel and month that a home adds to one at most")
    rationing_below: float = Field(
        0.5, gt=0, lt=1, description="Share of the rise of like homes in cold spells below which a home rations itself"
    )


class Config(Section):
    """All that a job may be told; `lake`, `landing` and `sources_dir` are paths or URIs."""

    lake: str = Field("data/lake", description="Where the tables, shards, trainings and models lie")
    landing: str = Field("data/landing", description="Where new files lie, in a folder for each source")
    landing_links_out: bool = Field(False, description="Whether links that lead out of the landing folder are followed")
    sources_dir: str | None = Field(None, description="Folder of your own sources' YAMLs, beside those that ship")
    spark: SparkConfig = SparkConfig()
    cleaning: CleaningConfig = CleaningConfig()
    features: FeaturesConfig = FeaturesConfig()
    training: TrainingConfig = TrainingConfig()
    tuning: TuningConfig = TuningConfig()
    mlflow: MlflowConfig = MlflowConfig()
    detect: DetectConfig = DetectConfig()
    simulate: SimulateConfig = SimulateConfig()
    maintain: MaintainConfig = MaintainConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    report: ReportConfig = ReportConfig()
    access: AccessConfig = AccessConfig()
    stream: StreamConfig = StreamConfig()
    alerts: AlertsConfig = AlertsConfig()
    security: SecurityConfig = SecurityConfig()
    serving: ServingConfig = ServingConfig()
    advice: AdviceConfig = AdviceConfig()
    privacy: PrivacyConfig = PrivacyConfig()

    @property
    def local_folder(self) -> Path:
        """The lake's folder as an absolute path, which every machine of a training must see.

        Shards, checkpoints, studies and the default MLflow store lie in it: Petastorm and SQLite read files only.
        Raises BadConfig for a lake in an object store.
        """
        if "://" in self.lake and not self.lake.startswith("file://"):
            raise BadConfig(
                f"lake {self.lake}: shards and training need a folder all machines share; mount one and name it."
            )
        return Path(self.lake.removeprefix("file://")).absolute()
