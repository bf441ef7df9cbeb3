"""Gold: the answers, a file each; energy_lib.catalog takes their tables from here."""

from energy_lib.tables.answers import (
    access,
    accounts,
    advice,
    alerts,
    anomalies,
    recommendations,
    savings,
    scenarios,
    schedules,
)

TABLES = (
    *accounts.TABLES,
    *anomalies.TABLES,
    *alerts.TABLES,
    *advice.TABLES,
    *recommendations.TABLES,
    *savings.TABLES,
    *schedules.TABLES,
    *access.TABLES,
    *scenarios.TABLES,
)
