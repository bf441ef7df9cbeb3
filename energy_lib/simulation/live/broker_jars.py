"""Kafka's broker as jars, put once into the environment (46 MB), by `make install-kafka`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from energy_lib.errors import EnergyError, InputMissing
from energy_lib.lake.maven_jars import retrieve

VERSION = "3.9.1"
# slf4j-simple writes the broker's warnings to its log.
NEEDED = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")
JARS = Path(sys.prefix) / "share" / "kafka" / VERSION


def main() -> int:
    try:
        if not JARS.is_dir():
            install(JARS)
            print(f"installed Kafka {VERSION} in {JARS}")
    except EnergyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def install(folder: Path) -> None:
    """Fill the folder, whole or not at all; raises TryAgain if the repository does not answer."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        jars = Path(scratch) / "jars"
        jars.mkdir()
        for coordinates in NEEDED:
            for jar in retrieve(coordinates, Path(scratch) / "retrieved"):
                shutil.copy(jar, jars / jar.name)
        jars.rename(folder)


def classpath(folder: Path = JARS) -> str:
    """Raises InputMissing if the broker is not installed."""
    if not folder.is_dir():
        raise InputMissing(f"Kafka's broker is not in {folder}: run make install-kafka (46 MB), then this again.")
    return f"{folder}/*"


if __name__ == "__main__":
    sys.exit(main())
