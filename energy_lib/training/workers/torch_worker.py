"""One PyTorch worker's process: `python -m energy_lib.training.workers.torch_worker JOB.json`.

Rank and addresses of the workers come from torchrun's environment. The chief (worker 0) writes checkpoints and
exports the model.
"""

from __future__ import annotations

import os
import socket
import sys

import torch
import torch.distributed as dist

from energy_lib.training.export.torch_onnx import export_network
from energy_lib.training.networks.epochs import Shard, train_all
from energy_lib.training.networks.torch_loop import TorchTrainer
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.opening import opened
from energy_lib.training.workers.process import cores_each, die_with_parent, working


def main(text: str) -> int:
    die_with_parent()
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # so that sums on a GPU keep one order
    torch.use_deterministic_algorithms(True)
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    hosts = _gathered(socket.gethostname())
    neighbours = [rank for rank, host in enumerate(hosts) if host == hosts[dist.get_rank()]]
    device = _device(neighbours.index(dist.get_rank()))
    threads = cores_each(len(neighbours))
    torch.set_num_threads(threads)
    job = WorkerJob.from_text(text).of(dist.get_rank(), threads)
    folder, dataset, spec, manifest = opened(job)
    state = train_all(TorchTrainer(spec, Shard(dataset, manifest, job.worker, spec.workers), device), job)
    dist.destroy_process_group()
    if job.worker == 0:
        with working("the export of the model"):
            export_network(folder, spec, dataset, manifest, state)
    return 0


def _device(place: int) -> torch.device:
    """The GPU of the worker at this `place` of its host; the CPU, for all workers, where not each has its own."""
    gpu, name = -1, ""
    if visible := torch.cuda.device_count():
        gpu = place % visible
        name = str(torch.cuda.get_device_properties(gpu).uuid)
    names = _gathered(name)
    if "" in names or len(set(names)) < len(names):
        return torch.device("cpu")
    torch.cuda.set_device(gpu)
    return torch.device("cuda", gpu)


def _gathered(own: str) -> list[str]:
    """Every worker's text, by rank."""
    words = [""] * dist.get_world_size()
    dist.all_gather_object(words, own)
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
