"""The broker of all tests, under the name that the tests of streams have for it."""

from __future__ import annotations

import pytest

from energy_lib.simulation.live.broker import Broker


@pytest.fixture
def broker(kafka: Broker) -> Broker:
    return kafka
