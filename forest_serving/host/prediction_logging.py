"""The prediction log as the settings ask for it: checked in the supervisor, made in a worker."""

import asyncio
import tempfile
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forest_serving.card import Card
from forest_serving.errors import BadSetting
from forest_serving.prediction_log.names import FOLDER_MODE
from forest_serving.settings import Settings

if TYPE_CHECKING:  # the supervisor needs no NumPy
    from forest_serving.host.lifespan import Lifespan
    from forest_serving.models.loaded_model import LoadedModel
    from forest_serving.monitoring.monitor import Monitor
    from forest_serving.prediction_log.log import PredictionLog, Sink

OTLP = "otlp"


def check_names(settings: Settings, card: Card) -> None:
    """Raise BadSetting if a column that is to be left out is none of the model's: it would be written."""
    known = {name for feature in card.features for name in feature.names}
    for name in settings.prediction_log_without:
        if name not in known:
            near = get_close_matches(name[:40], known, 1, cutoff=0)[0]
            raise BadSetting(
                f'FOREST_PREDICTION_LOG_WITHOUT names "{name[:40]}", which is no column of the model "{card.name}"'
                f' (did you mean "{near}"?).'
            )


def check_place(settings: Settings) -> None:
    """Raise BadSetting if nothing can be written where predictions are to be logged."""
    if settings.prediction_log == OTLP:
        if not (settings.otlp_endpoint or settings.otlp_logs_endpoint):
            raise BadSetting(
                "FOREST_PREDICTION_LOG=otlp needs the collector's address: set OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, or"
                " OTEL_EXPORTER_OTLP_ENDPOINT for traces, too."
            )
    elif settings.prediction_log:
        folder = Path(settings.prediction_log)
        try:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise BadSetting(f"FOREST_PREDICTION_LOG: nothing can be written in {folder} ({error.strerror}).") from None


def make_log(model: "LoadedModel", settings: Settings, service_name: str) -> "PredictionLog | None":
    """Return the log of a worker; None if there is to be none."""
    if not settings.prediction_log:
        return None
    from forest_serving.prediction_log.log import PredictionLog
    from forest_serving.prediction_log.records import Recorder

    recorder, sink = Recorder(model, settings.prediction_log_without), _sink(model.card, settings, service_name)
    return PredictionLog(recorder, sink, settings.prediction_log_sample)


def _sink(card: Card, settings: Settings, service_name: str) -> "Sink":
    if settings.prediction_log == OTLP:
        from forest_serving.prediction_log.collector import Collector

        return Collector(service_name)
    from forest_serving.prediction_log.files import Files

    return Files(Path(settings.prediction_log), card.name, settings.prediction_log_bytes)


def attach(log: "PredictionLog", monitor: "Monitor", life: "Lifespan") -> None:
    """Let a worker's answers be logged from its start to its end."""
    start, end = life.at_start, life.at_end

    def at_start() -> None:
        loop = asyncio.get_running_loop()
        start()
        log.told = partial(_soon, loop, monitor)  # although no request may follow
        monitor.keep(log)

    def at_end() -> None:
        log.close()
        end()

    life.at_start, life.at_end = at_start, at_end


def _soon(loop: asyncio.AbstractEventLoop, monitor: "Monitor") -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(monitor.soon)
