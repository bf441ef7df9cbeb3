"""A trained network as a model archive (.mar) for TorchServe: TorchScript if PyTorch trained it, else its ONNX."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from energy_lib.errors import BadConfig
from energy_lib.models.exported_model import MODEL_FILE
from energy_lib.models.families.network.prediction import NETWORK_FILE
from energy_lib.models.networks.inputs import input_shapes
from energy_lib.shipped import ROOT
from energy_lib.training.export.champion_network import ChampionNetwork

HANDLER = ROOT / "deploy" / "pytorch_serving" / "handler.py"


def write_archive(champion: ChampionNetwork, folder: Path) -> Path:
    """Write `<folder>/<registered name>.mar`, whole or not at all; returns it.

    It holds the network, model.json and the handler. Raises BadConfig where what makes it is not installed.
    """
    if absent := [name for name in ("torch", "model_archiver") if find_spec(name) is None]:
        raise BadConfig(f"An archive for TorchServe needs {' and '.join(absent)}: make install-torch.")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{champion.registered}.mar"
    with TemporaryDirectory(dir=folder, prefix="writing-") as writing:
        _archive(champion, _serialized(champion, Path(writing)), Path(writing))
        return (Path(writing) / target.name).rename(target)


def _serialized(champion: ChampionNetwork, folder: Path) -> Path:
    if champion.framework != "torch":
        return champion.folder / NETWORK_FILE
    import torch  # an extra

    from energy_lib.models.networks.torch.networks import build

    network = build(champion.network, champion.encoding, seed=0)
    network.load_state_dict(torch.load(champion.folder / "network.pt", weights_only=True))
    network.eval()
    # Two rows, because tracing one row may make the batch's axis a constant.
    shapes = input_shapes(champion.network, champion.encoding)
    rows = {name: torch.zeros(2, *shape) for name, shape in shapes.items()}
    file = folder / "network.pt"
    with warnings.catch_warnings(), torch.no_grad():
        # PyTorch advises against TorchScript, which is what TorchServe loads without our code.
        warnings.simplefilter("ignore")
        torch.jit.trace(network, example_kwarg_inputs=rows).save(str(file))
    return file


def _archive(champion: ChampionNetwork, serialized: Path, folder: Path) -> None:
    options = {
        "model-name": champion.registered,
        "version": champion.version,
        "serialized-file": serialized,
        "handler": HANDLER,
        "extra-files": champion.folder / MODEL_FILE,
        "export-path": folder,
    }
    program = "from model_archiver.model_packaging import generate_model_archive; generate_model_archive()"
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    subprocess.run([sys.executable, "-c", program, *words], check=True, stdout=sys.stderr)
