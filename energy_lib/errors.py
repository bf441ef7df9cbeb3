"""Errors a user can mend: one sentence (what, where, what to do) and a documented exit code."""

from __future__ import annotations

from typing import Any


class EnergyError(Exception):
    """Base of all mendable errors; `exit_code` is what the job's process returns."""

    exit_code = 70


class BadConfig(EnergyError):
    """An argument or a config value is missing, unknown or wrong."""

    exit_code = 2


class GateRefused(EnergyError):
    """A data-quality gate refused a staged batch; the table is as it was.

    `result` is what the gate found, for the ledger.
    """

    exit_code = 3

    def __init__(self, sentence: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.result = result


class ChainBroken(EnergyError):
    """Rows of the audit were changed, added or removed."""

    exit_code = 3


class InputMissing(EnergyError):
    """Something the job reads is not there yet."""

    exit_code = 4


class NotConserved(EnergyError):
    """A raw row is in none or in several places after cleaning: a bug, found by the run that made it (law 1)."""

    exit_code = 70


class TryAgain(EnergyError):
    """A lost commit race, a held lease, a store or broker that is away."""

    exit_code = 75
