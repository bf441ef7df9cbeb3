"""Small programs in a process of their own: what they import stays out of the test session."""

from __future__ import annotations

import os
import subprocess
import sys

PATHS = os.pathsep.join(sys.path)


def python(program: str, *arguments: object) -> str:
    """What the program prints; raises if it fails."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": PATHS}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
