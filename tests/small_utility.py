"""A small simulated utility, and jobs run over it: in the tests' own session, or as a user would, by spark-submit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from energy_lib.config import Config
from energy_lib.models.config import load_config

REPOSITORY = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
NIGHT = "2024-02-20"

SMALL = (
    "simulate.meters=6",
    "simulate.days=50",
    "simulate.first_date=2024-01-01",
    "training.model=dense",
    "training.epochs=2",
    "training.batch_size=64",
    "training.validation_days=4",
    "training.backtest_days=3",
)


def environment() -> dict[str, str]:
    """As a shell with the environment active, without what a running test session adds."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK", "PYTEST"))}
    return {**kept, "PATH": f"{BIN}:{kept['PATH']}", "TF_CPP_MIN_LOG_LEVEL": "3", "GX_ANALYTICS_ENABLED": "false"}


@dataclass(frozen=True)
class Utility:
    """One landing folder, and jobs run over it into lakes of the caller's choice."""

    landing: Path

    def settings(self, lake: Path) -> list[str]:
        return [f"lake={lake}", f"landing={self.landing}", *SMALL]

    def config(self, lake: Path, *settings: str) -> Config:
        """For jobs that are run in the tests' own Spark session."""
        return load_config(str(REPOSITORY / "conf" / "local.yaml"), [*self.settings(lake), *settings])[0]

    def command(self, job: str, lake: Path, *arguments: str, submit: tuple[str, ...] = ()) -> list[str]:
        sets = [word for setting in self.settings(lake) for word in ("--set", setting)]
        config = "conf/cluster.yaml" if submit else "conf/local.yaml"
        # Little data and many plans: the JVM's second compiler would cost more than it saves.
        quick = ("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC")
        return ["spark-submit", *quick, *submit, f"jobs/{job}.py", "--config", config, *sets, *arguments]

    def start(self, job: str, lake: Path, *arguments: str, submit: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(job, lake, *arguments, submit=submit),
            cwd=REPOSITORY,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, job: str, lake: Path, *arguments: str, submit: tuple[str, ...] = (), expect: int = 0) -> str:
        process = self.start(job, lake, *arguments, submit=submit)
        output, _ = process.communicate(timeout=900)
        assert process.returncode == expect, output[-6000:]
        return output

    def night(self, lake: Path, *, submit: tuple[str, ...] = (), expect: int = 0) -> str:
        return self.run("nightly", lake, "--date", NIGHT, submit=submit, expect=expect)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL the whole process group: the JVM, the driver and the Python workers. One that has ended stays so."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
