"""TorchServe's handler: {"inputs": {tensor: numbers}} → {"outputs": quantiles [n, H, Q] over the level}.

It runs within TorchServe and knows nothing of energy_lib. The bodies are those of TensorFlow Serving's REST API.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from ts.torch_handler.base_handler import BaseHandler
from ts.utils.util import PredictionException


class QuantilesHandler(BaseHandler):  # type: ignore[misc]
    """TorchServe gives it one request a call, unless `batch_size` is raised."""

    def handle(self, requests: list[dict[str, Any]], context: Any) -> list[dict[str, Any]]:
        return [{"outputs": self.quantiles(request).tolist()} for request in requests]

    def quantiles(self, request: dict[str, Any]) -> Any:
        """Raises PredictionException, which TorchServe answers with status 400 and its sentence."""
        try:
            body = request.get("body") or request.get("data")
            told = body if isinstance(body, dict) else json.loads(body or "{}")
            inputs = {name: np.asarray(values, dtype=np.float32) for name, values in told["inputs"].items()}
            if isinstance(self.model, torch.jit.ScriptModule):
                with torch.no_grad():
                    return self.model(**{name: torch.from_numpy(values) for name, values in inputs.items()}).numpy()
            (answer,) = self.model.run(None, inputs)
        except Exception as error:
            sentence = 'Send {"inputs": {tensor: numbers}} with the tensors of model.json\'s network'
            raise PredictionException(f"{sentence}: {type(error).__name__}.", 400) from error
        return answer
