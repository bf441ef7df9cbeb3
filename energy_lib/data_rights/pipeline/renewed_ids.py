"""Ids that are hashes of a pseudonym (of answers, of rejected files), and what they become with a new one."""

from __future__ import annotations

from energy_lib.insights.anomalies.versions import anomaly_id
from energy_lib.insights.recommendations.ranking import recommendation_id
from energy_lib.lake.small_tables import SmallTables
from energy_lib.landing.files.file_outcomes import REJECTED
from energy_lib.landing.pipeline.publish import quarantine_id
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables import bronze
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS


def renewed_ids(tables: SmallTables, keys: KeyRing) -> dict[str, str]:
    """Id → id with the newest pseudonym, of anomalies, alerts, recommendations and rejected files with an older one.

    An id that is not the hash of what its row says stays as it is.
    """
    ids = {}
    for row in tables.read(bronze.FILES, ["file_id", "path", "status"]).to_pylist():
        if row["status"] == REJECTED and (path := keys.renewed_text(row["path"])) != row["path"]:
            ids[quarantine_id(row["file_id"], row["path"])] = quarantine_id(row["file_id"], path)
    for table, name in ((ANOMALIES, "anomaly_id"), (ALERTS, "alert_id")):
        for row in tables.read(table, [name, "meter_id", "type", "start_utc"]).to_pylist():
            meter, rest = row["meter_id"], (row["type"], row["start_utc"])
            if (new := keys.renewed_text(meter)) != meter and anomaly_id(meter, *rest) == row[name]:
                ids[row[name]] = anomaly_id(new, *rest)
    for row in tables.read(
        RECOMMENDATIONS, ["recommendation_id", "action", "scope_kind", "scope_id", "fuel"]
    ).to_pylist():
        parts = (row["action"], row["scope_kind"], row["scope_id"], row["fuel"])
        renewed = (*parts[:2], keys.renewed_text(row["scope_id"]), parts[3])
        if renewed != parts and recommendation_id(*parts) == row["recommendation_id"]:
            ids[row["recommendation_id"]] = recommendation_id(*renewed)
    return ids
