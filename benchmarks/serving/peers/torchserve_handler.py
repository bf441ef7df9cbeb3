"""What TorchServe's worker runs for each request."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.serving.peers.champion import Champion


class Energy:
    def initialize(self, context: Any) -> None:
        self._champion = Champion()

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[Any]:
        """One request at a time."""
        posted = data[0]["body"]
        features = np.array(posted["data"], dtype=np.float32).reshape(posted["shape"])
        return [self._champion.quantiles(features).tolist()]
