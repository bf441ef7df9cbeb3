"""The MLflow store: where it is, its client, its experiment, and runs that are recorded once."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from energy_lib.config import Config
from energy_lib.registry.store_check import require_whole_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Names below a training run's artifacts: the MLflow model, and in it the exported model's folder.
MODEL_ARTIFACT = "model"
DATA = "exported"


def store_file(config: Config) -> Path | None:
    """The SQLite file of the default store; None where a tracking URI is configured."""
    return config.local_folder / "mlflow" / "mlflow.db" if config.mlflow.tracking_uri is None else None


def client(config: Config) -> MlflowClient:
    """A client of the configured store; the default one is made if it is not there.

    Raises ModelStoreBroken for a default store that is damaged or was emptied.
    """
    file = store_file(config)
    if file is None:
        return _client(str(config.mlflow.tracking_uri))
    require_whole_store(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    return _client(f"sqlite:///{file}")


@lru_cache(maxsize=4)
def _client(uri: str) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def opened_meanwhile(config: Config) -> Iterator[None]:
    """Import MLflow and make a new store's tables while workers train: ten seconds of a first training."""

    def open_store() -> None:
        # Whoever uses the store next meets the same error, and says it.
        with suppress(Exception):
            importlib.import_module("mlflow.pyfunc")
            experiment_id(config)

    opening = threading.Thread(target=open_store, daemon=True, name="open-mlflow-store")
    opening.start()
    try:
        yield
    finally:
        # Two that make one experiment would meet.
        opening.join()


def experiment_id(config: Config) -> str:
    """The experiment, made with its artifacts beside the default store."""
    api, name = client(config), config.mlflow.experiment
    existing = api.get_experiment_by_name(name)
    if existing is not None:
        return str(existing.experiment_id)
    file = store_file(config)
    artifacts = None if file is None else (file.parent / "artifacts").as_uri()
    return str(api.create_experiment(name, artifact_location=artifacts))


def tracked_folder(config: Config, name: str, folder: Path, params: Mapping[str, str]) -> str:
    """Id of the finished run whose artifacts are the files of `folder`, recorded now if there is none."""
    from mlflow.entities import Param

    api, experiment = client(config), experiment_id(config)
    content = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.iterdir()))).hexdigest()
    recorded = finished_run(api, experiment, "content", content)
    if recorded is not None:
        return recorded
    run_id = str(api.create_run(experiment, tags={"content": content}, run_name=name).info.run_id)
    api.log_batch(run_id, params=[Param(key, value) for key, value in params.items()])
    api.log_artifacts(run_id, str(folder))
    api.set_terminated(run_id, "FINISHED")
    return run_id


def finished_run(api: MlflowClient, experiment: str, tag: str, value: str) -> str | None:
    """Id of the finished run with the tag; unfinished runs are ignored."""
    runs = api.search_runs([experiment], f"tags.{tag} = '{value}' and attributes.status = 'FINISHED'", max_results=1)
    return str(runs[0].info.run_id) if runs else None
