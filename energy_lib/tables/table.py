"""A table as code: columns, types, keys, units and comments. tables.arrow and lake.spark_schemas make schemas of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from energy_lib.tables.sensitivity import Sensitivity, sensitivity_by_name


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `type` is a key of energy_lib.tables.arrow.ARROW_TYPES, `comment` names the unit if there is one.

    `sensitivity`: None where the name says it (energy_lib.tables.sensitivity).
    """

    name: str
    type: str
    comment: str
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    sensitivity: Sensitivity | None = None

    @property
    def tells(self) -> Sensitivity:
        """What it tells of a person, in a table whose rows are of one: as declared, else as its name says."""
        return self.sensitivity or sensitivity_by_name(self.name, self.type)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the lake.

    `key` identifies a row; `partition_by` and `cluster_by` exclude each other (Delta's rule).
    `time` is the column whose range prunes reads and merges.
    Of two rows with one key the one that is greater by `version` stands, in whatever order they come (empty: the
    one that comes later). A change of `provenance` columns alone is no news.
    `appended_by_streams`: jobs without the writer's lease append to it, whatever a night does meanwhile.
    """

    layer: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    time: str | None = None
    version: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    change_feed: bool = False
    appended_by_streams: bool = False
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})
        named = (*self.key, *self.partition_by, *self.cluster_by, *self.version, *self.provenance)
        named += (self.time,) if self.time else ()
        missing = [name for name in named if name not in self._by_name]
        if missing:
            raise ValueError(f"{self.full_name}: no column {missing}")

    @property
    def full_name(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def column(self, name: str) -> Column:
        return self._by_name[name]

    @property
    def is_personal(self) -> bool:
        """Whether its rows can be of one meter, home or site: it has a column that names one."""
        return any(column.tells in (Sensitivity.IDENTIFIER, Sensitivity.REFERENCE) for column in self.columns)

    def columns_that_tell(self, level: Sensitivity) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if self.sensitivity(column.name) is level)

    def sensitivity(self, name: str) -> Sensitivity:
        """What a column tells of a person. Numbers of a table without identifiers are of many, or of nobody."""
        level = self._by_name[name].tells
        return level if self.is_personal or level is Sensitivity.TEXT else Sensitivity.NONE


def required(name: str, type_: str, comment: str, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, comment, nullable=False, allowed=allowed)


def optional(name: str, type_: str, comment: str, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, comment, nullable=True, allowed=allowed)
