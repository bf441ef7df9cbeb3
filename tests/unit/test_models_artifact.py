"""An exported model's answer does not depend on how many cores it is asked on."""

from __future__ import annotations

import numpy as np
import pytest

from energy_lib.encoding.tensors import Floats, Tensors
from energy_lib.models.exported_model import on_all_cores


@pytest.mark.parametrize("groups", [1, 2, 7])
def test_answers_of_all_cores_come_in_the_order_of_the_groups(groups: int) -> None:
    features = np.random.default_rng(1).random((groups, 24, 3)).astype(np.float32)
    names = np.array([f"m{i}" for i in range(groups)])
    tensors = Tensors(features[:, :, 0], features, np.arange(groups, dtype=np.float32), names)
    asked = []

    def answer(of: Tensors) -> Floats:
        asked.extend(of.meters)
        return of.features * of.level[:, None, None] + of.history[..., None]

    np.testing.assert_array_equal(on_all_cores(answer, tensors), answer(tensors))
    assert sorted(asked) == sorted([*names, *names])
