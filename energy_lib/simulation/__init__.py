"""A simulated utility: believable landing files, their dirt, and the truth."""

from energy_lib.simulation.utility import Simulated, simulate

__all__ = ["Simulated", "simulate"]
