"""The models that answer: the registry's champion, and a challenger beside it for a share of the meters.

A new one is read, and asked once, before it answers; requests under way end with the one before. Without a champion,
or where its files are gone, the night's fallbacks answer.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from dataclasses import dataclass

import numpy as np

from energy_lib.config import Config
from energy_lib.encoding.posted_features import encode_array
from energy_lib.forecasting.model_forecasts import NO_MODEL, ModelRef, loaded_model
from energy_lib.models.exported_model import ExportedModel
from energy_lib.registry.served_versions import ServedVersion, served_versions, store_changed_at
from energy_lib.serving.metrics import ServingMetrics

# Models in an MLflow server are asked for so often; the default store is a file, and tells when it changes.
ASK_SECONDS = 60.0
WARM_GROUPS, WARM_TIMES = (1, 32), 4

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """`exported` is None of NO_MODEL. `seconds`: of one forecast, and of each in a request of many."""

    ref: ModelRef
    exported: ExportedModel | None = None
    seconds: tuple[float, float] = (0.0, 0.0)

    def seconds_of(self, groups: int) -> float:
        """About so long a request of so many forecasts takes."""
        return max(self.seconds[0], groups * self.seconds[1])


@dataclass(frozen=True, slots=True)
class Served:
    """What answers from now on. One object, so that a request sees both models of one moment."""

    champion: ServedModel = ServedModel(NO_MODEL)
    challenger: ServedModel | None = None

    def of(self, name: str, share: float) -> ServedModel:
        """The model of a meter, or of a request: the same name has the same one."""
        if self.challenger is not None and zlib.crc32(name.encode()) < share * 2**32:
            return self.challenger
        return self.champion

    def version(self, version: str) -> ServedModel | None:
        """The model of this version, if it answers here."""
        for each in (self.champion, self.challenger):
            if each is not None and each.ref.version == version and each.exported is not None:
                return each
        return None


class ServedModels:
    """`now` is what answers; `keep` exchanges it."""

    def __init__(self, config: Config, metrics: ServingMetrics) -> None:
        self._config, self._metrics = config, metrics
        self._seen: tuple[int, ...] | None = ()
        self._asked_at = 0.0
        self._versions: tuple[ServedVersion | None, ServedVersion | None] = (None, None)
        self.looked = threading.Event()
        self.now = Served()

    def keep(self, stopped: threading.Event) -> None:
        """Look at the model store until it is stopped. What fails is tried again, and the model before answers on."""
        while True:
            try:
                self.refresh()
            except Exception as error:
                self._seen = ()
                self._metrics.loads.labels("failed").inc()
                log.warning("The newest model could not be read, so the one before answers: %s", error)
            self.looked.set()
            if stopped.wait(self._config.serving.look_seconds):
                return

    def refresh(self) -> None:
        """Ask the store if it was written since, and read the versions that are new."""
        changed = store_changed_at(self._config)
        if changed == self._seen and (changed is not None or time.monotonic() - self._asked_at < ASK_SECONDS):
            return
        versions = served_versions(self._config)
        self._asked_at = time.monotonic()
        if versions != self._versions:
            first, second = (self._read(each) for each in versions)
            self.now = Served(first or ServedModel(NO_MODEL), second)
            self._versions = versions
        self._seen = changed

    def _read(self, version: ServedVersion | None) -> ServedModel | None:
        if version is None:
            return None
        ref = ModelRef(version.name, version.version, version.path)
        for each in (self.now.champion, self.now.challenger):
            if each is not None and each.ref == ref:
                return each
        exported = loaded_model(version.path)
        assert isinstance(exported, ExportedModel)
        seconds = _warmed(exported)
        self._metrics.loads.labels("read").inc()
        log.info("%s version %s answers now, a forecast in %.1f ms", ref.name, ref.version, 1000 * seconds[0])
        return ServedModel(ref, exported, seconds)


def _warmed(model: ExportedModel) -> tuple[float, float]:
    """Ask it for forecasts that are made up; seconds of a forecast alone and of one among many, of the fastest."""
    fastest = []
    for groups in WARM_GROUPS:
        posted = np.ones((groups, model.encoding.horizon_hours, len(model.encoding.columns)), dtype=np.float32)
        taken = []
        for _ in range(WARM_TIMES):
            started = time.perf_counter()
            model.quantiles(encode_array(posted, model.encoding))
            taken.append((time.perf_counter() - started) / groups)
        fastest.append(min(taken))
    return fastest[0], fastest[1]
