"""TensorFlow's steps and its batches, in one process without workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_lib.shards.manifest import Manifest
from energy_lib.training.spec import TrainingSpec
from tests.programs import python
from tests.synthetic_features import feature_rows, write_dataset

pytestmark = pytest.mark.slow
# How many terms each sum of each network's training step has, sums in loops included.
SUMMED = """
import json, sys
from dataclasses import replace
from pathlib import Path
import tensorflow as tf
from energy_lib.models.networks.tensorflow.networks import NETWORKS
from energy_lib.shards.manifest import Manifest
from energy_lib.training.networks.epochs import Shard
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.networks.tensorflow_loop import TensorFlowTrainer
shard = Shard(Path(sys.argv[1]), Manifest.read(Path(sys.argv[1])), 0, 1)
spec, terms = TrainingSpec.read(Path(sys.argv[2])), {}
for model in NETWORKS:
    trainer = TensorFlowTrainer(replace(spec, model=model), shard, tf.distribute.get_strategy(), False)
    with trainer.batches["train"].epoch(8, seed=None, drop_rest=True) as batches:
        graph = trainer.train_step.get_concrete_function(next(batches)).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    terms[model] = [node.attr["N"].i for node in nodes if node.op == "AddN"]
print(json.dumps(terms))
"""
# What a network reaches and computes in, in float32 and in bfloat16.
MIXED = """
import json, sys
from pathlib import Path
import keras
import tensorflow as tf
from energy_lib.shards.manifest import Manifest
from energy_lib.training.networks.epochs import Shard
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.networks.tensorflow_loop import TensorFlowTrainer
shard = Shard(Path(sys.argv[1]), Manifest.read(Path(sys.argv[1])), 0, 1)
spec, found = TrainingSpec.read(Path(sys.argv[2])), []
for mixed in (False, True):
    trainer = TensorFlowTrainer(spec, shard, tf.distribute.get_strategy(), mixed)
    state = trainer.first_state()
    for _ in trainer.epochs(state):
        pass
    computed, averaged = (
        sorted({layer.compute_dtype for layer in network.layers if isinstance(layer, keras.layers.Dense)})
        for network in (trainer.network, trainer.averaged)
    )
    held = sorted({str(weight.dtype) for weight in state.weights + state.optimizer[1:]})
    found.append([state.best_loss, computed, averaged, held])
print(json.dumps(found))
"""
# Target and weight of each row that passes over a shard give: streamed, again, with another seed, and held.
PASSES = """
import json, sys
from pathlib import Path
import tensorflow as tf
from energy_lib.shards.manifest import Manifest
from energy_lib.training.networks.batches import Batches
from energy_lib.training.networks.tensorflow_loop import FEED
tf.config.experimental.enable_op_determinism()
folder, manifest = Path(sys.argv[1]), Manifest.read(Path(sys.argv[1]))
rows = sum(file.rows for file in manifest.part("train")[1::2])

def passed(in_memory_bytes, seed, batches=None):
    made = Batches(folder / "train", 1, 2, {"target": 24, "weight": 24}, rows, FEED, in_memory_bytes)
    with made.epoch(10, seed=seed, drop_rest=False) as coming:
        taken = [next(coming) for _ in range(batches)] if batches else list(coming)
    return [row for batch in taken for row in tf.concat([batch["target"], batch["weight"]], axis=1).numpy().tolist()]

passed(0, 1, batches=2)
print(json.dumps([passed(0, 1), passed(0, 1), passed(0, 2), passed(1 << 30, 1)]))
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=8, days=90), files=4)


def write_spec(file: Path, manifest: Manifest, model: str = "dense", epochs: int = 1) -> None:
    TrainingSpec(manifest.dataset_id, model, 1, epochs, 64, 1e-3, 60, 7).write(file)


def test_no_sum_of_gradients_depends_on_timing(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    """TensorFlow begins a sum of three or more with whichever buffer is free, which at times moves the last bit."""
    folder, manifest = dataset
    write_spec(tmp_path / "spec.json", manifest)
    terms = json.loads(python(SUMMED, folder, tmp_path / "spec.json"))
    assert {"dense", "lstm", "tide"} <= terms.keys()
    assert all(counts and max(counts) == 2 for counts in terms.values()), terms


def test_a_streamed_shard_gives_the_rows_of_a_held_one(dataset: tuple[Path, Manifest]) -> None:
    folder, manifest = dataset
    streamed, again, other, held = json.loads(python(PASSES, folder).splitlines()[-1])
    assert streamed == again != other
    assert len(streamed) == sum(file.rows for file in manifest.part("train")[1::2])
    assert sorted(streamed) == sorted(other) == sorted(held)


@pytest.mark.parametrize("model", ["dense", "lstm", "tide"])
def test_bfloat16_reaches_the_loss_of_float32(dataset: tuple[Path, Manifest], tmp_path: Path, model: str) -> None:
    folder, manifest = dataset
    write_spec(tmp_path / "spec.json", manifest, model, epochs=8)
    plain, mixed = json.loads(python(MIXED, folder, tmp_path / "spec.json").splitlines()[-1])
    assert mixed[0] == pytest.approx(plain[0], rel=0.05)
    assert mixed[0] != plain[0]
    assert plain[1:4] == [["float32"], ["float32"], ["float32"]]
    assert mixed[1:4] == [["bfloat16", "float32"], ["float32"], ["float32"]]
