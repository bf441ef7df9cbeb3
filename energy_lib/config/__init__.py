"""Configuration: typed, frozen, unknown keys refused, every value traceable to where it came from."""

from energy_lib.config.keys import (
    BoostingConfig,
    CleaningConfig,
    Config,
    FeaturesConfig,
    LinearConfig,
    MaintainConfig,
    MlflowConfig,
    SimulateConfig,
    SparkConfig,
    TrainingConfig,
    TuningConfig,
    ZeroRunHours,
)
from energy_lib.config.loading import Origins, describe, load_config

__all__ = [
    "BoostingConfig",
    "CleaningConfig",
    "Config",
    "FeaturesConfig",
    "LinearConfig",
    "MaintainConfig",
    "MlflowConfig",
    "Origins",
    "SimulateConfig",
    "SparkConfig",
    "TrainingConfig",
    "TuningConfig",
    "ZeroRunHours",
    "describe",
    "load_config",
]
