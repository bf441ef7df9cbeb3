"""Configuration: typed, frozen, unknown keys refused, every value traceable to where it came from."""

from energy_lib.config.advice import AdviceConfig
from energy_lib.config.alerts import AlertsConfig, EmailConfig, WebhookConfig
from energy_lib.config.keys import (
    AccessConfig,
    CleaningConfig,
    Config,
    DetectConfig,
    FeaturesConfig,
    MaintainConfig,
    MlflowConfig,
    ScheduleConfig,
    SimulateConfig,
    SparkConfig,
    TrainingConfig,
    TuningConfig,
    ZeroRunHours,
)
from energy_lib.config.loading import Origins, describe, read_config, yaml_value
from energy_lib.config.privacy import PrivacyConfig
from energy_lib.config.section import Section
from energy_lib.config.serving import ServingConfig
from energy_lib.config.stream import StreamConfig
from energy_lib.security.settings import SecurityConfig, TokensConfig

__all__ = [
    "AccessConfig",
    "AdviceConfig",
    "AlertsConfig",
    "CleaningConfig",
    "Config",
    "DetectConfig",
    "EmailConfig",
    "FeaturesConfig",
    "MaintainConfig",
    "MlflowConfig",
    "Origins",
    "PrivacyConfig",
    "ScheduleConfig",
    "Section",
    "SecurityConfig",
    "ServingConfig",
    "SimulateConfig",
    "SparkConfig",
    "StreamConfig",
    "TokensConfig",
    "TrainingConfig",
    "TuningConfig",
    "WebhookConfig",
    "ZeroRunHours",
    "describe",
    "read_config",
    "yaml_value",
]
