"""Write the champion's network for another model server: TensorFlow Serving or TorchServe. It starts no Spark."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from energy_lib.config import Config
from energy_lib.entry import parser, start_without_spark
from energy_lib.lake.outcome import Outcome
from energy_lib.training.export.champion_network import champion_network

JOB = "export_champion"
TENSORFLOW_SERVING, TORCHSERVE = "tensorflow_serving", "torchserve"


def export(config: Config, options: argparse.Namespace) -> Outcome:
    """Write it below `<out>/<server>`; each framework is imported only for its own server."""
    champion, folder = champion_network(config), Path(options.out) / options.server
    if options.server == TENSORFLOW_SERVING:
        from energy_lib.training.export.saved_model import write_saved_model

        written = write_saved_model(champion, folder)
    else:
        from energy_lib.training.export.torch_archive import write_archive

        written = write_archive(champion, folder)
    return Outcome(lines=[f"Version {champion.version} ({champion.network}) is in {written}."])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Write the champion's network for another model server.")
    arguments.add_argument("--server", choices=(TENSORFLOW_SERVING, TORCHSERVE), required=True, help="which server")
    arguments.add_argument("--out", default="build", help="folder to write <server>/… into (default build)")
    options = arguments.parse_args(argv)
    return start_without_spark(JOB, options, lambda config: export(config, options))


if __name__ == "__main__":
    sys.exit(main())
