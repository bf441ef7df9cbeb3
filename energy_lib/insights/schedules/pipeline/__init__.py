"""The use case of schedules: what an origin knew, the plans, the audit, the rows."""
