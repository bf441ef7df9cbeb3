"""Gold: the answers, a file each; energy_lib.catalog takes their tables from here."""

from energy_lib.tables.answers import accounts, recommendations, schedules

TABLES = (*accounts.TABLES, *recommendations.TABLES, *schedules.TABLES)
