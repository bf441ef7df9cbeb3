"""What a model looks at is found, and what it does not look at is not."""

from __future__ import annotations

import numpy as np

from energy_lib.encoding.tensors import Encoding, Tensors
from energy_lib.models.importance import HISTORY, permutation_importance
from energy_lib.vocabulary import QUANTILES

ENCODING = Encoding(("much", "little", "nothing"), (0.0,) * 3, (1.0,) * 3, 24, "set", 1.0)


def test_the_error_grows_by_what_the_model_takes_from_a_feature() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(200, 24, 4)).astype(np.float32)
    history = random.normal(size=(200, 336)).astype(np.float32)
    tensors = Tensors(history, features, np.ones(200, np.float32), np.full(200, "m"))
    noise = random.normal(size=(200, 24)).astype(np.float32)
    target = 5 * features[..., 0] + features[..., 1] + history[:, :1] + noise

    def answer(of: Tensors) -> np.ndarray:
        median = 5 * of.features[..., 0] + of.features[..., 1] + of.history[:, :1]
        return np.repeat(median[..., None], len(QUANTILES), axis=-1)

    found = permutation_importance(answer, ENCODING, tensors, target, np.ones_like(target), seed=1)
    assert next(iter(found)) == "much"
    assert found["nothing"] == 0
    # |N(0, 1)| against |N(0, 1 + 2 × coefficient²)|: shuffled, it errs by the difference of two draws.
    np.testing.assert_allclose(found["much"], np.sqrt(51) - 1, rtol=0.1)
    np.testing.assert_allclose(found["little"], np.sqrt(3) - 1, rtol=0.2)
    assert 0.2 < found[HISTORY] < 1.2, "the same, by sixty-four draws"

    known = np.ones_like(target)
    known[:, 12:] = 0
    spoilt = np.where(known > 0, target, 1e6)
    again = permutation_importance(answer, ENCODING, tensors, spoilt, known, seed=1)
    assert again["much"] < 20, "an hour that was not read does not count"
