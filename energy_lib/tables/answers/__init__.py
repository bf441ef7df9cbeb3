"""Gold: the answers. One file an answer; TABLES has them all."""

from energy_lib.tables.answers import anomalies

TABLES = (*anomalies.TABLES,)

__all__ = ["TABLES", "anomalies"]
