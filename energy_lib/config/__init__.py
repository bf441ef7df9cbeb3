"""Configuration: typed, frozen, unknown keys refused, every value traceable to where it came from."""

from energy_lib.config.keys import (
    AccessConfig,
    CleaningConfig,
    Config,
    DetectConfig,
    FeaturesConfig,
    MaintainConfig,
    MlflowConfig,
    ScheduleConfig,
    Section,
    SimulateConfig,
    SparkConfig,
    TrainingConfig,
    TuningConfig,
    ZeroRunHours,
)
from energy_lib.config.loading import Origins, describe, read_config

__all__ = [
    "AccessConfig",
    "CleaningConfig",
    "Config",
    "DetectConfig",
    "FeaturesConfig",
    "MaintainConfig",
    "MlflowConfig",
    "Origins",
    "ScheduleConfig",
    "Section",
    "SimulateConfig",
    "SparkConfig",
    "TrainingConfig",
    "TuningConfig",
    "ZeroRunHours",
    "describe",
    "read_config",
]
