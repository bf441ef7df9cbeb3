"""What a feature is: a named declaration with a unit and a reach, and the kernel that computes its values."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from functools import cached_property

from energy_lib.errors import BadConfig
from energy_lib.features.arrays import Floats
from energy_lib.features.known_history import KnownHistory
from energy_lib.tables import Column

# Raised whenever a kernel changes what it computes from the same declaration.
KERNELS_VERSION = 1
# Unit of shares, ratios, codes and flags.
UNITLESS = "1"


@dataclass(frozen=True)
class Feature(ABC):
    """One column of gold.features.

    A feature's class name, `name` and dataclass fields are its identity: a change of one of them changes the feature
    set's hash, and all rows are computed anew.
    """

    @property
    @abstractmethod
    def name(self) -> str: ...

    @property
    @abstractmethod
    def unit(self) -> str:
        """Unit of the values, UNITLESS if they have none."""

    @property
    @abstractmethod
    def comment(self) -> str: ...

    @property
    def scaled_by_level(self) -> bool:
        """Whether models divide the values by the meter's recent level, so that large and small meters look alike."""
        return False

    @property
    def reach_hours(self) -> int:
        """How far before the origin the kernel looks."""
        return 0

    @property
    def minimal_lag_hours(self) -> int | None:
        """How far before the interval the kernel looks at least.

        None: it never looks at a time after the origin, whatever the horizon.
        """
        return None

    @abstractmethod
    def compute(self, history: KnownHistory) -> Floats:
        """Values of shape (origins,), (origins, 1) or (origins, horizon); NaN is unknown."""


@dataclass(frozen=True)
class FeatureSet:
    """Declarations checked against a horizon; the hash names them in every row they make.

    Raises BadConfig for a name declared twice, and for a feature that looks at hours not yet known at the origin.
    """

    features: tuple[Feature, ...]
    horizon_hours: int

    def __post_init__(self) -> None:
        names = [feature.name for feature in self.features]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise BadConfig(f"Feature {repeated[0]} is declared twice: remove one declaration.")
        for feature in self.features:
            lag = feature.minimal_lag_hours
            if lag is not None and lag < self.horizon_hours:
                raise BadConfig(
                    f"Feature {feature.name} looks {lag} h before the interval, which is not known for a horizon of "
                    f"{self.horizon_hours} h: give it a lag of at least {self.horizon_hours} h or a shorter horizon."
                )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def scaled_by_level(self) -> tuple[str, ...]:
        """Names of the features that models divide by the meter's level."""
        return tuple(feature.name for feature in self.features if feature.scaled_by_level)

    @cached_property
    def reach_hours(self) -> int:
        """Longest look back from the origin, in whole days' hours."""
        longest = max((feature.reach_hours for feature in self.features), default=24)
        return 24 * max(1, -(-longest // 24))

    @cached_property
    def hash(self) -> str:
        """Stable over processes and machines; changes with any declaration, the horizon or the kernels."""
        identities = [[type(f).__name__, f.name, asdict(f)] for f in self.features]
        text = json.dumps([KERNELS_VERSION, self.horizon_hours, identities], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(f.name, "float", f"{f.comment}; null: unknown at the origin") for f in self.features)
