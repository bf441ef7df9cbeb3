"""Java archives by their Maven coordinates, resolved by the Ivy that comes with Spark; no Maven is needed.

A mirror is named as for Spark itself, by DEFAULT_ARTIFACT_REPOSITORY.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import quoteattr

from energy_lib.errors import TryAgain

# Found and not imported: whoever starts a broker needs no Spark.
_PYSPARK = find_spec("pyspark")
SPARK_JARS = Path(_PYSPARK.origin if _PYSPARK and _PYSPARK.origin else "pyspark").parent / "jars"
# The cache that Spark's own resolutions of `--packages` fill.
CACHE = Path.home() / ".ivy2.5.2" / "cache"
SETTINGS = """\
<ivysettings>
  <settings defaultResolver="repository"/>
  <resolvers><ibiblio name="repository" m2compatible="true"{root}/></resolvers>
</ivysettings>
"""


def java() -> str:
    """The Java that Spark takes: of JAVA_HOME, or the first on PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def retrieve(coordinates: str, folder: Path) -> list[Path]:
    """The jar of `group:artifact:version` and those it needs to run, in `folder` as `<group>/<artifact>-<version>.jar`.

    Raises TryAgain if the repository does not answer or lacks one.

        retrieve("org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0", folder)
    """
    mirror = os.environ.get("DEFAULT_ARTIFACT_REPOSITORY")
    with tempfile.TemporaryDirectory() as scratch:
        settings = Path(scratch) / "ivysettings.xml"
        settings.write_text(SETTINGS.format(root=f" root={quoteattr(mirror)}" if mirror else ""), encoding="utf-8")
        done = subprocess.run(
            [
                java(), "-jar", str(next(SPARK_JARS.glob("ivy-*.jar"))),
                "-settings", str(settings), "-cache", str(CACHE),
                "-dependency", *coordinates.split(":"), "-confs", "default",
                "-types", "jar", "bundle",
                "-retrieve", f"{folder}/[organisation]/[artifact]-[revision](-[classifier]).[ext]",
            ],
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
    if done.returncode != 0:
        said = [line.strip(": ") for line in done.stdout.splitlines() if "not found" in line or "access error" in line]
        detail = (said or done.stderr.strip().splitlines() or ["no reason given"])[-1].strip()
        raise TryAgain(
            f"{coordinates} could not be had ({detail}): see that the Maven repository can be reached, or name a "
            f"mirror by DEFAULT_ARTIFACT_REPOSITORY, then run this again."
        )
    return sorted(folder.rglob("*.jar"))
