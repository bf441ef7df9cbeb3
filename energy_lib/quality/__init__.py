"""Quality gates: Great Expectations, and it alone."""

from energy_lib.quality.gate import gate

__all__ = ["gate"]
