"""Delta properties of every table of the lake, whoever makes it."""

from __future__ import annotations

# Deletion vectors, or version 2 checkpoints, would keep readers without Spark from opening a table.
PLAIN = {"delta.enableDeletionVectors": "false", "delta.checkpointPolicy": "classic"}
