"""PyTorch's training: DistributedDataParallel, each worker on its own Petastorm shard.

On a GPU the network computes in bfloat16 under autocast; weights, loss and Adam stay in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from energy_lib.models.networks.inputs import input_shapes
from energy_lib.models.networks.torch.networks import build, trained
from energy_lib.shards.reader import array_batches
from energy_lib.training.checkpoint import Arrays, State
from energy_lib.training.networks.batches import Batch, Feed
from energy_lib.training.networks.epochs import AVERAGING, SEED_STRIDE, Shard, Trainer
from energy_lib.training.spec import TrainingSpec
from energy_lib.vocabulary import QUANTILES

# Keras's default, so that both frameworks take the same steps.
ADAM_EPSILON = 1e-7
MOMENTS = ("exp_avg", "exp_avg_sq")


def _stream(*passed: Any, **named: Any) -> Any:
    for batch in array_batches(*passed, **named):
        yield {name: torch.from_numpy(values) for name, values in batch.items()}


FEED = Feed(tensor=torch.from_numpy, stream=_stream)


class TorchTrainer(Trainer):
    """Network, its running mean and Adam on `device`, in a process group that is set up already."""

    def __init__(self, spec: TrainingSpec, shard: Shard, device: torch.device) -> None:
        encoding = shard.manifest.encoding
        self.shapes = input_shapes(spec.model, encoding)
        super().__init__(spec, shard, tuple(self.shapes), FEED)
        self.device = device
        self.network = build(spec.model, encoding, spec.seed).to(device).train()
        self.averaged = build(spec.model, encoding, spec.seed).to(device).eval().requires_grad_(False)
        self.means = [self.averaged.get_parameter(name) for name, _ in self._named()]
        # Without this flag, gradients are laid out anew after the first step. A resumed run of three or more workers
        # would then sum them in another order.
        self.parallel = DistributedDataParallel(self.network, find_unused_parameters=True, broadcast_buffers=False)
        self.optimizer = torch.optim.Adam(trained(self.network), lr=spec.learning_rate, eps=ADAM_EPSILON)
        self.levels = torch.tensor(list(QUANTILES.values()), device=device)
        self.train_step, self.validate_step = self._train_step, self._validate_step

    def snapshot(self, state: State) -> State:
        moments = [self.optimizer.state[weight] for weight in trained(self.network) if self.optimizer.state]
        state.weights = _arrays(trained(self.network))
        state.averaged = _arrays(self.means)
        state.optimizer = _arrays([each[name] for each in moments for name in ("step", *MOMENTS)])
        return state

    def restore(self, state: State) -> None:
        with torch.no_grad():
            for variables, values in ((trained(self.network), state.weights), (self.means, state.averaged)):
                for variable, value in zip(variables, values, strict=True):
                    variable.copy_(torch.from_numpy(value))
        saved_state = iter(state.optimizer)
        for weight in trained(self.network):
            self.optimizer.state[weight] = {"step": torch.tensor(float(next(saved_state)))}
            for name in MOMENTS:
                self.optimizer.state[weight][name] = torch.from_numpy(next(saved_state)).to(self.device)

    def seed_dropout(self, epoch: int) -> None:
        torch.manual_seed((self.spec.seed * SEED_STRIDE + epoch * 97 + self.shard.worker * 13) % 2**63)

    def set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _named(self) -> list[tuple[str, nn.Parameter]]:
        return [(name, weight) for name, weight in self.network.named_parameters() if weight.requires_grad]

    def _losses(self, network: nn.Module, batch: Batch) -> Tensor:
        """Weighted pinball loss summed over the batch and averaged over quantiles, and the weights' sum: [2]."""
        own = {name: values.to(self.device) for name, values in batch.items()}
        inputs = {name: own[name].reshape(-1, *shape) for name, shape in self.shapes.items()}
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            predicted = network(**inputs)
        residual = own["target"].unsqueeze(-1) - predicted.float()
        pinball = torch.maximum(self.levels * residual, (self.levels - 1.0) * residual).mean(dim=-1)
        return torch.stack([(pinball * own["weight"]).sum(), own["weight"].sum()])

    def _train_step(self, batch: Batch) -> npt.NDArray[np.float32]:
        self.optimizer.zero_grad()
        loss = self._losses(self.parallel, batch)[0] / self.cells
        # DistributedDataParallel averages the workers' gradients; the loss needs their sum.
        (loss * self.shard.workers).backward()
        if self.spec.gradient_norm is not None:
            nn.utils.clip_grad_norm_(trained(self.network), self.spec.gradient_norm)
        self.optimizer.step()
        with torch.no_grad():
            for mean, weight in zip(self.means, trained(self.network), strict=True):
                mean.lerp_(weight, 1.0 - AVERAGING)
        return _summed(loss.detach())

    def _validate_step(self, batch: Batch) -> npt.NDArray[np.float32]:
        with torch.no_grad():
            return _summed(self._losses(self.averaged, batch))


def _arrays(tensors: Sequence[Tensor]) -> Arrays:
    return [tensor.detach().cpu().numpy().copy() for tensor in tensors]


def _summed(own: Tensor) -> npt.NDArray[np.float32]:
    """The sum of all workers' values."""
    dist.all_reduce(own)
    return np.asarray(own.cpu())
