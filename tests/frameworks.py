"""The frameworks that train networks; tests of PyTorch skip where it is not installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed: make install-torch")
FRAMEWORKS = ["tensorflow", pytest.param("torch", marks=needs_torch)]
