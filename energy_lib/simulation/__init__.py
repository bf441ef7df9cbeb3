"""A simulated utility: landing files with the usual faults, and the true readings."""

from energy_lib.simulation.utility import Simulated, simulate

__all__ = ["Simulated", "simulate"]
