"""Which rows of a table someone may see, as SQL: energy_lib.serving.queries puts it into every query.

A sum is shown to those who may see each meter in it. So a building, a site or a project is seen by who may see all of
its meters, and the portfolio by who may see everything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from energy_lib.security.principal import EVERYTHING, Scope


class RowsOf(StrEnum):
    """What a table's row is of: SQL that holds for the rows that may be seen. `permitted`: the meters."""

    METER = "meter_id IN (SELECT meter_id FROM permitted)"
    SITE = "site_id IN (SELECT site_id FROM whole_sites)"
    GROUP = """CASE group_kind WHEN 'meter' THEN group_id IN (SELECT meter_id FROM permitted)
  WHEN 'building' THEN group_id IN (SELECT building_id FROM whole_buildings)
  WHEN 'site' THEN group_id IN (SELECT site_id FROM whole_sites) ELSE false END"""
    PROJECT = """CASE WHEN project_id = '*' THEN false
  WHEN meter_id <> '*' THEN meter_id IN (SELECT meter_id FROM permitted)
  ELSE project_id IN (SELECT project_id FROM silver.projects GROUP BY project_id
    HAVING bool_and(meter_id IN (SELECT meter_id FROM permitted))) END"""
    ACTION = """CASE scope_kind WHEN 'meter' THEN scope_id IN (SELECT meter_id FROM permitted)
  WHEN 'building' THEN scope_id IN (SELECT building_id FROM whole_buildings)
  WHEN 'site' THEN scope_id IN (SELECT site_id FROM whole_sites) ELSE false END
  AND coalesce(list_has_all((SELECT list(meter_id) FROM permitted), meters), len(meters) = 0)"""
    ACTION_ID = (
        "recommendation_id IN (SELECT recommendation_id FROM gold.recommendations GROUP BY recommendation_id "
        f"HAVING bool_and({ACTION}))"
    )
    SCORE = "scope = 'meter' AND meter_id IN (SELECT meter_id FROM permitted)"
    # Areas say of no home what is its own: energy_lib.insights.access withholds it.
    AREA = "true"


PERMITTED = """permitted AS MATERIALIZED (
  SELECT meter_id, building_id, site_id FROM silver.meters
  WHERE ($scope_sites IS NULL OR list_contains($scope_sites::VARCHAR[], site_id))
    AND ($scope_meters IS NULL OR list_contains($scope_meters::VARCHAR[], meter_id))),
whole_buildings AS (
  SELECT building_id FROM silver.meters WHERE building_id IS NOT NULL GROUP BY building_id
  HAVING bool_and(meter_id IN (SELECT meter_id FROM permitted))),
whole_sites AS (
  SELECT site_id FROM silver.meters WHERE site_id IS NOT NULL GROUP BY site_id
  HAVING bool_and(meter_id IN (SELECT meter_id FROM permitted)))"""
# What these read beside the table itself.
TABLES_READ = {
    RowsOf.PROJECT: ("silver.projects",), RowsOf.ACTION_ID: ("gold.recommendations",),
}  # fmt: skip


def seen(rows_of: RowsOf, scope: Scope) -> tuple[str, str, dict[str, Any]]:
    """CTEs, the condition on the table's rows, and parameters. Whoever may see everything has no condition."""
    if scope == EVERYTHING:
        return "", "true", {}
    lists = {
        "scope_sites": None if scope.sites is None else sorted(scope.sites),
        "scope_meters": None if scope.meters is None else sorted(scope.meters),
    }
    return PERMITTED, str(rows_of.value), lists


def meter_is_seen(scope: Scope, meter_id: str, site_id: str | None, *, is_registered: bool) -> bool:
    """RowsOf.METER for one meter that was looked up by its key: of silver.meters, or seen by who may see everything."""
    return scope == EVERYTHING or (is_registered and scope.permits(site_id, meter_id))
