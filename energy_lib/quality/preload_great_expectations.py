"""Great Expectations takes seconds to import: time that a run can spend while Spark does its first work."""

from __future__ import annotations

import importlib
import threading

from energy_lib.quality.suites import third_party


def preload() -> None:
    """Import Great Expectations in the background; the first gate waits for it if it must."""

    def load() -> None:
        with third_party():
            importlib.import_module("great_expectations")

    threading.Thread(target=load, daemon=True, name="preload-great-expectations").start()
