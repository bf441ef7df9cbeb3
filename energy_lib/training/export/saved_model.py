"""TensorFlow's trained network as a SavedModel, in the folders that TensorFlow Serving watches."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import tensorflow as tf

from energy_lib.errors import BadConfig
from energy_lib.models.exported_model import MODEL_FILE
from energy_lib.models.networks.inputs import input_shapes

# Importing it registers the layers of which network.keras is made.
from energy_lib.models.networks.tensorflow.networks import NETWORKS
from energy_lib.training.export.champion_network import ChampionNetwork

# TensorFlow Serving leaves it alone: for what belongs to a model and is no part of its graph.
EXTRAS = "assets.extra"


def write_saved_model(champion: ChampionNetwork, folder: Path) -> Path:
    """Write `<folder>/<registered name>/<version>`, whole or not at all; returns it.

    Signature `serving_default`: the network's tensors, float32 (`features` [n, H, F], of some networks `history`
    [n, T]) → `quantiles` float32 [n, H, Q], over the level and not calibrated. model.json lies in assets.extra.
    Raises BadConfig for a network that TensorFlow did not train.
    """
    if champion.framework != "tensorflow" or champion.network not in NETWORKS:
        raise BadConfig(
            f"The champion, version {champion.version}, was trained by {champion.framework}, and a SavedModel needs "
            "TensorFlow's network: train with --framework tensorflow, or use --server torchserve."
        )
    network = keras.saving.load_model(champion.folder / "network.keras", compile=False)
    target = folder / champion.registered / champion.version
    # No number, so that TensorFlow Serving does not take it for a version.
    writing = target.with_name(f"{champion.version}.writing")
    shutil.rmtree(writing, ignore_errors=True)
    _save(champion, network, writing)
    (writing / EXTRAS).mkdir()
    shutil.copyfile(champion.folder / MODEL_FILE, writing / EXTRAS / MODEL_FILE)
    shutil.rmtree(target, ignore_errors=True)
    return writing.rename(target)


def _save(champion: ChampionNetwork, network: keras.Model, folder: Path) -> None:
    module = tf.Module()
    module.network = network
    answer = tf.function(lambda **tensors: {"quantiles": network(tensors, training=False)}, autograph=False)
    inputs = {
        name: tf.TensorSpec((None, *shape), tf.float32, name=name)
        for name, shape in input_shapes(champion.network, champion.encoding).items()
    }
    tf.saved_model.save(module, str(folder), signatures={"serving_default": answer.get_concrete_function(**inputs)})
