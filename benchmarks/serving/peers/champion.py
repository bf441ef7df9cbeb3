"""What every peer computes: the quantiles of posted features, by the encoding and the network of the API's champion."""

from __future__ import annotations

import os

from energy_lib.encoding.posted_features import encode_array
from energy_lib.encoding.tensors import Floats
from energy_lib.models.exported_model import load_model


class Champion:
    """The exported model in the folder that MODEL names."""

    def __init__(self) -> None:
        self._model = load_model(os.environ["MODEL"])

    def quantiles(self, features: Floats) -> Floats:
        """[n, H, F] in their own units → [n, H, Q] in kWh."""
        return self._model.quantiles(encode_array(features, self._model.encoding))
