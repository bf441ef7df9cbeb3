"""The registered meters among some ids, as far as the asker may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from energy_lib.security.principal import Scope
from energy_lib.serving.asked import Asked
from energy_lib.serving.queries import rows_query
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot


def meters_seen(snapshot: Snapshot, meter_ids: Iterable[str], scope: Scope) -> dict[str, dict[str, Any]]:
    """Meter id -> its row of silver.meters."""
    asked = Asked(meters=tuple(meter_ids))
    # Without an id, every meter would be asked for.
    if not asked.meters:
        return {}
    with snapshot.answer(rows_query(BY_NAME["meters"], asked, scope)) as found:
        return {row["meter_id"]: row for row in found.to_arrow_table().to_pylist()}
