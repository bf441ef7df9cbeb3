"""The use case behind jobs/verify_savings.py."""

from energy_lib.insights.savings.pipeline.verify import JOB, verify_savings

__all__ = ["JOB", "verify_savings"]
