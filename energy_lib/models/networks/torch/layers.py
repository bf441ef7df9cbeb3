"""The parts that all networks are layer of, as in energy_lib.models.networks.tensorflow.networks."""

from __future__ import annotations

from itertools import accumulate

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from energy_lib.encoding.tensors import CANDIDATES, Encoding
from energy_lib.models.networks.inputs import FIRST_SPREAD, categories_of
from energy_lib.vocabulary import MEDIAN, QUANTILES


def linear(inputs: int, outputs: int, *, zeros: bool = False) -> nn.Linear:
    """A dense layer that starts as Keras's does: Glorot's uniform weights (or zeros) and no bias."""
    layer = nn.Linear(inputs, outputs)
    nn.init.zeros_(layer.weight) if zeros else nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def lstm(inputs: int, units: int) -> nn.LSTM:
    """An LSTM that starts as Keras's does; of PyTorch's two biases one is kept at zero, since Keras has one."""
    layer = nn.LSTM(inputs, units, batch_first=True)
    nn.init.xavier_uniform_(layer.weight_ih_l0)
    nn.init.orthogonal_(layer.weight_hh_l0)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    with torch.no_grad():
        layer.bias_ih_l0[units : 2 * units] = 1.0  # the forget gate begins open
    layer.bias_hh_l0.requires_grad_(False)
    return layer


class Unscaled(nn.Module):  # type: ignore[misc]
    """Scaled features […, F] → chosen channels as they were before scaling […, C]."""

    def __init__(self, encoding: Encoding, columns: tuple[str, ...]) -> None:
        super().__init__()
        channels = [encoding.channel(name) for name in columns]
        self.register_buffer("channels", torch.tensor(channels), persistent=False)
        self.register_buffer("center", torch.tensor([encoding.center[i] for i in channels]), persistent=False)
        self.register_buffer("scale", torch.tensor([encoding.scale[i] for i in channels]), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        return features.index_select(-1, self.channels) * self.scale + self.center


class WithCategories(nn.Module):  # type: ignore[misc]
    """Features […, F] → the same and one channel a value of each category […, `width`]."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__()
        categories = categories_of(encoding)
        self.width = encoding.channels + sum(categories.values())
        self.numbers = nn.ModuleList(Unscaled(encoding, (column,)) for column in categories)
        self.values = list(categories.values())

    def forward(self, features: Tensor) -> Tensor:
        channels = [
            ((number(features) - torch.arange(values, device=features.device)).abs() < 0.5).to(features.dtype)
            for number, values in zip(self.numbers, self.values, strict=True)
        ]
        return torch.cat([features, *channels], dim=-1)


class Head(nn.Module):  # type: ignore[misc]
    """Hidden [n, H, width] → quantiles [n, H, Q] over the level, which cannot cross.

    The median is a learnt mixture of the candidates and a distance from it; positive steps cumulate on either side.
    It starts as the plain mean of the candidates.
    """

    def __init__(self, encoding: Encoding, width: int) -> None:
        super().__init__()
        self.candidates = Unscaled(encoding, CANDIDATES)
        self.logits = linear(width, len(CANDIDATES), zeros=True)
        self.raw = linear(width, len(QUANTILES), zeros=True)

    def forward(self, hidden: Tensor, features: Tensor) -> Tensor:
        mixed = self.logits(hidden).softmax(dim=-1) * self.candidates(features)
        raw = self.raw(hidden)
        median = mixed.sum(dim=-1, keepdim=True) + raw[..., MEDIAN : MEDIAN + 1]
        steps = softplus(raw + FIRST_SPREAD).split(1, dim=-1)
        below = [-distance for distance in accumulate(reversed(steps[:MEDIAN]))]
        above = list(accumulate(steps[MEDIAN + 1 :]))
        return median + torch.cat([*reversed(below), torch.zeros_like(median), *above], dim=-1)
