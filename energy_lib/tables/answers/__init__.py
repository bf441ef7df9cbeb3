"""Gold: the answers, a file each; energy_lib.catalog takes their tables from here."""

from energy_lib.tables.answers import access, accounts, anomalies, recommendations, savings, schedules

TABLES = (
    *accounts.TABLES,
    *anomalies.TABLES,
    *recommendations.TABLES,
    *savings.TABLES,
    *schedules.TABLES,
    *access.TABLES,
)
