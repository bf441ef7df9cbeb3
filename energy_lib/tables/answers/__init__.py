"""Gold: the answers, a file each; energy_lib.catalog takes their tables from here."""

from energy_lib.tables.answers import accounts, schedules

TABLES = (*accounts.TABLES, *schedules.TABLES)
