"""The networks of energy_lib.models.networks.tensorflow.networks in PyTorch: equal weights give equal answers.

The trained weights come in the same order as there, matrices transposed.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from energy_lib.encoding.tensors import LAG_DAYS, Encoding
from energy_lib.models.networks.inputs import require_known
from energy_lib.models.networks.torch.layers import Head, WithCategories, linear, lstm

LSTM_UNITS = 50


class Dense(nn.Module):  # type: ignore[misc]
    """64–dropout .5–32–dropout .3 on each hour's features."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__()
        self.inputs = WithCategories(encoding)
        first, second = linear(self.inputs.width, 64), linear(64, 32)
        self.hidden = nn.Sequential(first, nn.ReLU(), nn.Dropout(0.5), second, nn.ReLU(), nn.Dropout(0.3))
        self.head = Head(encoding, 32)

    def forward(self, features: Tensor) -> Tensor:
        return self.head(self.hidden(self.inputs(features)), features)


class Lstm(nn.Module):  # type: ignore[misc]
    """50 LSTM units (Hochreiter and Schmidhuber 1997) over the history's days, dropout .2, and each hour's features."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__()
        self.hours, self.day = encoding.horizon_hours, encoding.history_hours // LAG_DAYS
        self.memory = lstm(self.day, LSTM_UNITS)
        self.forget = nn.Dropout(0.2)
        self.inputs = WithCategories(encoding)
        self.hidden = nn.Sequential(linear(LSTM_UNITS + self.inputs.width, 64), nn.ReLU())
        self.head = Head(encoding, 64)

    def forward(self, history: Tensor, features: Tensor) -> Tensor:
        _, (last, _) = self.memory(history.reshape(-1, LAG_DAYS, self.day))
        memory = self.forget(last[-1]).unsqueeze(1).expand(-1, self.hours, -1)
        hidden = self.hidden(torch.cat([memory, self.inputs(features)], dim=-1))
        return self.head(hidden, features)


class Residual(nn.Module):  # type: ignore[misc]
    """A dense layer with dropout beside a linear one."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(linear(inputs, units), nn.ReLU(), linear(units, units), nn.Dropout(0.2))
        self.direct = linear(inputs, units)

    def forward(self, values: Tensor) -> Tensor:
        return self.hidden(values) + self.direct(values)


class Tide(nn.Module):  # type: ignore[misc]
    """A dense encoder and decoder (TiDE: Das et al. 2023), as in energy_lib.models.networks.tensorflow.networks."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__()
        self.hours = encoding.horizon_hours
        self.inputs = WithCategories(encoding)
        self.projected = nn.Sequential(linear(self.inputs.width, 64), nn.ReLU(), linear(64, 16), nn.ReLU())
        self.code = nn.Sequential(Residual(encoding.history_hours + 16 * self.hours, 128), Residual(128, 128))
        self.decoded = linear(128, 16 * self.hours)
        self.hidden = nn.Sequential(linear(16 + self.inputs.width, 64), nn.ReLU(), nn.Dropout(0.2))
        self.head = Head(encoding, 64)

    def forward(self, history: Tensor, features: Tensor) -> Tensor:
        hourly = self.inputs(features)
        code = self.code(torch.cat([history, self.projected(hourly).flatten(1)], dim=-1))
        decoded = self.decoded(code).reshape(-1, self.hours, 16)
        return self.head(self.hidden(torch.cat([decoded, hourly], dim=-1)), features)


# Each network's `forward` takes its INPUTS by name.
NETWORKS: dict[str, Callable[[Encoding], nn.Module]] = {"dense": Dense, "lstm": Lstm, "tide": Tide}


def build(name: str, encoding: Encoding, seed: int) -> nn.Module:
    """The named network with weights that follow `seed`; raises BadConfig for an unknown name."""
    require_known(name, NETWORKS)
    torch.manual_seed(seed)
    return NETWORKS[name](encoding)


def trained(network: nn.Module) -> list[nn.Parameter]:
    """The weights that training moves, in the order of TensorFlow's."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]
