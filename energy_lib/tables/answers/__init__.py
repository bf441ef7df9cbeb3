"""Gold: the answers. One file an answer; TABLES holds them all."""

from energy_lib.tables.answers import savings

TABLES = (*savings.TABLES,)
