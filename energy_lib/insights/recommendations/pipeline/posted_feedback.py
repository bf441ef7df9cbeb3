"""What programs posted of recommendations, taken into gold.recommendation_states by the run that holds the lease."""

from __future__ import annotations

import logging
from typing import Any

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.insights.recommendations.pipeline.feedback import Feedback, give_feedback
from energy_lib.lake import Lake
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES
from energy_lib.tables.ops import POSTED_FEEDBACK

FIELDS = ("recommendation_id", "state", "changed_by", "changed_at_utc", "snoozed_until", "done_on", "note")

log = logging.getLogger(__name__)


def take_in_posted(lake: Lake) -> list[dict[str, Any]]:
    """Take in what is not there yet, in the order in which it was said; returns the gates' results.

    One that speaks of no recommendation stays where it was posted, with a line in the log.
    """
    there = {(row["recommendation_id"], row["changed_at_utc"]) for row in lake.small_tables.rows(RECOMMENDATION_STATES)}
    gates: list[dict[str, Any]] = []
    for row in sorted(lake.small_tables.rows(POSTED_FEEDBACK), key=lambda each: each["changed_at_utc"]):
        if (row["recommendation_id"], row["changed_at_utc"]) in there:
            continue
        try:
            gates += give_feedback(lake, Feedback(**{name: row[name] for name in FIELDS})).gates
        except (BadConfig, InputMissing) as error:
            log.warning("feedback of %s on %s: %s", row["changed_by"], row["recommendation_id"], error)
    return gates
