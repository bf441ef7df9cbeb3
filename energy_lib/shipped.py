"""Where the files that ship with the code lie: conf/, expectations/, deploy/ and jobs/ beside this package.

In a checkout that is its root; in an installed wheel, the folder that packages are installed to.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
