"""The service's own environment variables, in one table. BentoML's settings are in configuration.yaml.

The parser, the documentation's table and "python -m forest_serving settings" are all made from the fields of Settings.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from forest_serving import settings_values as values
from forest_serving.errors import BadSetting

PREFIX = "FOREST_"
COMMAND = "python -m forest_serving settings"
REPLY_TYPES = values.REPLY_TYPES
# Where a Service's name begins with "forest", Kubernetes gives pods variables such as FOREST_PORT_80_TCP_ADDR. They are
# told by name and text, so that no mistyped setting passes for one: FOREST_API_KEYS_PORT=secret.
_OF_KUBERNETES = re.compile(
    r"\w+_(SERVICE_HOST|PORT_\d+_(TCP|UDP|SCTP)_ADDR)=[0-9a-fA-F.:]+"
    r"|\w+_(SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)_PORT)=\d+"
    r"|\w+_PORT_\d+_(TCP|UDP|SCTP)_PROTO=(tcp|udp|sctp)"
    r"|\w+_PORT(_\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://[0-9a-fA-F.:\[\]]+:\d+"
)
_KEYS = ("FOREST_API_KEYS", "FOREST_API_KEYS_FILE")
_Value = TypeVar("_Value")


class Setting(NamedTuple):
    """One environment variable: its name, default, unit, how to read its text, and what it is for."""

    variable: str
    default: Any
    unit: str
    read: Callable[[str], Any]
    help: str
    secret: bool = False


def env(  # noqa: PLR0913, PLR0917 - one line of the table
    variable: str, default: _Value, read: Callable[[str], _Value], unit: str, help: str, secret: bool = False
) -> _Value:
    """Return a field of Settings that an environment variable sets."""
    setting = Setting(variable, default, unit, read, help, secret)
    made: _Value = field(default=default, metadata={"setting": setting})
    return made


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings in force."""

    model: str = env(
        "FOREST_MODEL", "", values.model_tag, "model", "the stored model to serve, if not the service's own"
    )
    max_body_bytes: int = env(
        "FOREST_MAX_BODY_BYTES", 1_048_576, values.body_bytes, "bytes", "the longest request body that is read"
    )
    # 10,000 rows of doubles with all their digits fit in 1 MiB. Beside a connection that sends the worst bodies within
    # both limits, without a pause, the p99 of single rows was 5 to 16 ms: "make bench" measures it ("neighbours").
    max_rows: int = env(
        "FOREST_MAX_ROWS",
        10_000,
        values.positive_int,
        "rows",
        "the most rows in a request; CSV, JSON lines and lists of rows at /invocations are limited by bytes only",
    )
    # 100,000 rows take about 15 ms, in turns of 10,000, between which other requests are answered.
    max_tensor_rows: int = env(
        "FOREST_MAX_TENSOR_ROWS", 100_000, values.positive_int, "rows", "the most rows in a binary tensor or npy array"
    )
    body_timeout_s: float = env(
        "FOREST_BODY_TIMEOUT_S", 10.0, values.positive_float, "seconds", "how long a body may take to come or to go"
    )
    max_uploads: int = env(
        "FOREST_MAX_UPLOADS", 32, values.positive_int, "uploads", "bodies above 64 KiB arriving at once, per worker"
    )
    max_uploads_per_key: int = env(
        "FOREST_MAX_UPLOADS_PER_KEY", 8, values.positive_int, "uploads", "the same, per API key"
    )
    max_buffered_bytes: int = env(
        "FOREST_MAX_BUFFERED_BYTES", 33_554_432, values.positive_int, "bytes", "what all bodies may take, per worker"
    )
    lane: bool = env(
        "FOREST_LANE",
        True,
        values.switch,
        "switch",
        "whether small requests that come whole are answered inside the connection, at a lower cost",
    )
    drain_s: float = env(
        "FOREST_DRAIN_S", 5.0, values.drain_seconds, "seconds", "how long requests are answered after SIGTERM, up to 25"
    )
    api_keys: tuple[str, ...] = env(
        "FOREST_API_KEYS", (), values.api_keys, "keys", "who may ask, with commas between them", secret=True
    )
    api_keys_in_file: tuple[str, ...] = env(
        "FOREST_API_KEYS_FILE", (), values.api_keys_file, "path", "a file with more of them, one a line"
    )
    features: str = env(
        "FOREST_FEATURES",
        "",
        values.features_source,
        "path or URL",
        "where rows are stored, to be asked for by id; none: nowhere",
        secret=True,  # a URL may hold a password
    )
    features_key: str = env(
        "FOREST_FEATURES_KEY",
        "",
        values.api_key,
        "key",
        "the key that this store wants, if it is a service",
        secret=True,
    )
    features_timeout_s: float = env(
        "FOREST_FEATURES_TIMEOUT_S", 0.2, values.positive_float, "seconds", "how long a request waits for that store"
    )
    features_cache_s: float = env(
        "FOREST_FEATURES_CACHE_S",
        0.0,
        values.seconds,
        "seconds",
        "how long what came from it is used again; 0: not at all",
    )
    features_cache_ids: int = env(
        "FOREST_FEATURES_CACHE_IDS", 100_000, values.positive_int, "ids", "how many are kept so, per worker"
    )
    features_stale_s: float = env(
        "FOREST_FEATURES_STALE_S",
        0.0,
        values.seconds,
        "seconds",
        "how much longer what is kept is used while the store is down",
    )
    write_keys: tuple[str, ...] = env(
        "FOREST_WRITE_KEYS", (), values.api_keys, "keys", "who may change what is stored; none: nobody", secret=True
    )
    docs_open: bool = env(
        "FOREST_DOCS_OPEN",
        True,
        values.switch,
        "switch",
        "whether /docs.json, and what the docs page loads, need no key",
    )
    ui: bool = env("FOREST_UI", True, values.switch, "switch", "whether the page at /ui is there, and what it asks")
    metrics_open: bool = env("FOREST_METRICS_OPEN", False, values.switch, "switch", "whether /metrics needs no key")
    cors_origins: tuple[str, ...] = env(
        "FOREST_CORS_ORIGINS", (), values.origins, "origins", "whose web pages may ask, with commas between them, or *"
    )
    prediction_log: str = env(
        "FOREST_PREDICTION_LOG",
        "",
        values.prediction_log,
        "path, or otlp",
        "a folder for what is asked and answered, or otlp for a collector; none: nowhere",
    )
    prediction_log_sample: float = env(
        "FOREST_PREDICTION_LOG_SAMPLE",
        1.0,
        values.positive_share,
        "share",
        "which of all requests are kept, by id",
    )
    prediction_log_without: tuple[str, ...] = env(
        "FOREST_PREDICTION_LOG_WITHOUT",
        (),
        values.names,
        "columns",
        "which are not kept, as they may be personal, with commas between them",
    )
    prediction_log_bytes: int = env(
        "FOREST_PREDICTION_LOG_BYTES",
        1_073_741_824,
        values.log_bytes,
        "bytes",
        "what all files in that folder may take; the oldest are removed first",
    )
    access_log: bool = env(
        "FOREST_ACCESS_LOG",
        False,
        values.switch,
        "switch",
        "whether all that the gateway answers is logged, not only refused and slow requests",
    )
    server_timing: bool = env(
        "FOREST_SERVER_TIMING",
        False,
        values.switch,
        "switch",
        "whether replies say what each stage took, also to who did not ask (Prefer: server-timing)",
    )
    slow_request_s: float = env(
        "FOREST_SLOW_REQUEST_S", 1.0, values.positive_float, "seconds", "a request that takes longer is slow"
    )
    drift: bool = env(
        "FOREST_DRIFT", True, values.switch, "switch", "whether the latest rows are compared with the training data"
    )
    # With 1,000 rows, a drift that matters (a PSI of 0.1) is found with near certainty, and without one
    # hardly one window in 1,000 alarms. A tenth of the rows is counted at a time.
    drift_rows: int = env(
        "FOREST_DRIFT_ROWS", 1_000, values.window_rows, "rows", "how many of the latest rows those are"
    )
    otlp_endpoint: str = env(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "", values.http_url, "URL", "where traces are sent; none: nowhere"
    )
    otlp_logs_endpoint: str = env(
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        "",
        values.http_url,
        "URL",
        "where the prediction log is sent if it is otlp; none: where traces are",
    )
    vertex_health_route: str = env(
        "AIP_HEALTH_ROUTE", "", values.http_path, "path", "where Vertex AI asks whether the server is ready"
    )
    vertex_predict_route: str = env(
        "AIP_PREDICT_ROUTE", "", values.http_path, "path", "where Vertex AI sends predictions"
    )
    vertex_endpoint_id: str = env("AIP_ENDPOINT_ID", "", values.vertex_id, "id", "Vertex AI's name of the endpoint")
    vertex_deployed_model_id: str = env(
        "AIP_DEPLOYED_MODEL_ID", "", values.vertex_id, "id", "Vertex AI's name of the model there"
    )
    sagemaker_accept: str = env(
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "", values.accept_type, "media type", "how SageMaker wants its replies"
    )


_SETTINGS: dict[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Settings)}
SETTINGS = tuple(_SETTINGS.values())


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the environment asks for. An empty text is as none, but for keys.

    Raises:
        BadSetting: if a variable's text cannot be used, or no setting has its name; the sentence says what would do.
    """
    _check_names(environ)
    _check_keys_are_meant(environ)
    given = {name: setting for name, setting in _SETTINGS.items() if environ.get(setting.variable)}
    return Settings(**{name: _value(setting, environ[setting.variable]) for name, setting in given.items()})


def _value(setting: Setting, text: str) -> Any:
    try:
        return setting.read(text)
    except ValueError as error:
        given = "" if setting.secret else f"; it is {text[:80]!r}"
        raise BadSetting(f"{setting.variable} must be {error}{given}.") from None


def _check_names(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS}
    for name in sorted(name for name in environ.keys() - known if name.startswith(PREFIX)):
        if not _OF_KUBERNETES.fullmatch(f"{name}={environ[name]}"):
            (near,) = get_close_matches(name, known, 1, cutoff=0)
            raise BadSetting(f'There is no setting {name[:80]} (did you mean {near}?); "{COMMAND}" lists them all.')


def _check_keys_are_meant(environ: Mapping[str, str]) -> None:
    """Raise if keys were to be set, but what they were to come from is empty, as the variable of a secret may be."""
    given = [environ[name] for name in _KEYS if name in environ]
    if given and not any(given):
        raise BadSetting(
            f"{' and '.join(name for name in _KEYS if name in environ)} must not be empty, or nobody would need a key; "
            "set a key, or unset the variable to serve without."
        )
