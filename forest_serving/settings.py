"""The service's own environment variables. BentoML's settings are in configuration.yaml."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from forest_serving.errors import BadSetting
from forest_serving.schema import MODEL_NAME


class Setting(NamedTuple):
    """One environment variable: its name, default, unit, how to read its text, and what it is for."""

    variable: str
    default: Any
    unit: str
    read: Callable[[str], Any]
    help: str
    secret: bool = False


def positive_int(text: str) -> int:
    """Read a whole number above 0."""
    if not (re.fullmatch("[0-9]{1,15}", text) and int(text) > 0):
        raise ValueError("a whole number above 0")
    return int(text)


def positive_float(text: str) -> float:
    """Read a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a number above 0")
    return value


def drain_seconds(text: str) -> float:
    """Read a number from 0 to 25; BentoML kills a worker that takes 30 seconds to leave."""
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]+)?", text) or float(text) > 25:
        raise ValueError("a number from 0 to 25")
    return float(text)


def switch(text: str) -> bool:
    """Read true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError("a switch: true or false")
    return text.lower() == "true"


def model_tag(text: str) -> str:
    """Read the name of a model in the BentoML store, with or without a version."""
    name, _, version = text.partition(":")
    if not name or ":" in version or any(c.isspace() for c in text):
        raise ValueError('a model tag such as "iris_compiled"')
    return text


def api_keys(text: str) -> tuple[str, ...]:
    """Read keys with commas between them."""
    keys = tuple(key.strip() for key in text.split(","))
    if not all(re.fullmatch(r"[!-+\--~]+", key) for key in keys):
        raise ValueError("a list of keys with commas between them, each of printable ASCII characters without spaces")
    return keys


def api_keys_file(text: str) -> tuple[str, ...]:
    """Read a file with one key a line; empty lines and those that begin with # do not count."""
    try:
        lines = [line.strip() for line in Path(text).read_text(encoding="ascii").splitlines()]
        return api_keys(",".join(line for line in lines if line and not line.startswith("#")))
    except (OSError, ValueError):
        raise ValueError("a file that can be read, with one key of printable ASCII characters on each line") from None


def origins(text: str) -> tuple[str, ...]:
    """Read web origins with commas between them, or *."""
    found = tuple(origin.strip().rstrip("/") for origin in text.split(","))
    if found != ("*",) and not all(re.fullmatch(r"https?://[^\s/*]+", origin) for origin in found):
        raise ValueError("* or a list of origins such as https://app.example, with commas between them")
    return found


def http_url(text: str) -> str:
    """Read the URL of an HTTP server."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError("a URL such as http://collector:4318")
    return text


def http_path(text: str) -> str:
    """Read the path of a URL."""
    if not re.fullmatch(r"/[A-Za-z0-9._~:/@!$&'()*+,;=-]*", text):
        raise ValueError("a path such as /predict")
    return text


def vertex_id(text: str) -> str:
    """Read one segment of a path."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", text):
        raise ValueError("an id of letters, digits, ., _, ~ and -")
    return text


REPLY_TYPES = ("application/json", "application/jsonlines", "text/csv", "application/x-npy")


def accept_type(text: str) -> str:
    """Read a media type that replies at /invocations can have."""
    if text not in REPLY_TYPES:
        raise ValueError(f"one of {', '.join(REPLY_TYPES)}")
    return text


# 10,000 rows of doubles with all their digits fit in 1 MiB. Beside a connection that sends the worst bodies within both
# limits, good or bad, without a pause, the p99 of single rows was 5 to 16 ms: "make bench" measures it ("neighbours").
SETTINGS = (
    Setting("FOREST_MODEL", f"{MODEL_NAME}_compiled", "tag", model_tag, "the stored model to serve"),
    Setting("FOREST_MAX_BODY_BYTES", 1_048_576, "bytes", positive_int, "the longest request body that is read"),
    Setting("FOREST_MAX_ROWS", 10_000, "rows", positive_int, "the most rows in a request"),
    # 100,000 rows take about 15 ms, in turns of 10,000, between which other requests are answered.
    Setting("FOREST_MAX_TENSOR_ROWS", 100_000, "rows", positive_int, "the most rows in a binary tensor or npy array"),
    Setting("FOREST_BODY_TIMEOUT_S", 10.0, "seconds", positive_float, "how long a body may take to arrive or to leave"),
    Setting(
        "FOREST_MAX_UPLOADS", 32, "uploads", positive_int, "bodies above 64 KiB that may arrive at once, per worker"
    ),
    Setting("FOREST_MAX_UPLOADS_PER_KEY", 8, "uploads", positive_int, "the same, per API key"),
    Setting("FOREST_MAX_BUFFERED_BYTES", 33_554_432, "bytes", positive_int, "what all bodies on their way may take"),
    Setting("FOREST_DRAIN_S", 5.0, "seconds", drain_seconds, "how long requests are answered after SIGTERM"),
    Setting("FOREST_API_KEYS", (), "keys", api_keys, "who may ask, with commas between them", secret=True),
    Setting("FOREST_API_KEYS_FILE", (), "path", api_keys_file, "a file with more of them, one a line"),
    Setting("FOREST_METRICS_OPEN", False, "switch", switch, "whether /metrics is answered without a key"),
    Setting("FOREST_CORS_ORIGINS", (), "origins", origins, "whose web pages may ask, or *"),
    Setting("FOREST_ACCESS_LOG", False, "switch", switch, "whether every request is logged"),
    Setting("FOREST_SLOW_REQUEST_S", 1.0, "seconds", positive_float, "a request is logged that takes longer"),
    Setting("OTEL_EXPORTER_OTLP_ENDPOINT", "", "URL", http_url, "where traces are sent"),
    Setting("AIP_HEALTH_ROUTE", "", "path", http_path, "where Vertex AI asks whether the server is ready"),
    Setting("AIP_PREDICT_ROUTE", "", "path", http_path, "where Vertex AI sends predictions"),
    Setting("AIP_ENDPOINT_ID", "", "id", vertex_id, "Vertex AI's name of the endpoint"),
    Setting("AIP_DEPLOYED_MODEL_ID", "", "id", vertex_id, "and of the model there"),
    Setting("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "", "media type", accept_type, "how SageMaker wants its replies"),
)


class Settings(NamedTuple):
    """The settings in force."""

    model: str
    max_body_bytes: int
    max_rows: int
    max_tensor_rows: int
    body_timeout_s: float
    max_uploads: int
    max_uploads_per_key: int
    max_buffered_bytes: int
    drain_s: float
    api_keys: tuple[str, ...]
    api_keys_in_file: tuple[str, ...]
    metrics_open: bool
    cors_origins: tuple[str, ...]
    access_log: bool
    slow_request_s: float
    otlp_endpoint: str
    vertex_health_route: str
    vertex_predict_route: str
    vertex_endpoint_id: str
    vertex_deployed_model_id: str
    sagemaker_accept: str


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the environment asks for.

    Raises:
        BadSetting: if a variable's text cannot be used; the sentence names it and what it should be.
    """
    return Settings(*(_value(setting, environ.get(setting.variable, "")) for setting in SETTINGS))


def _value(setting: Setting, text: str) -> Any:
    if not text:
        return setting.default
    try:
        return setting.read(text)
    except ValueError as error:
        given = "" if setting.secret else f"; it is {text[:80]!r}"
        raise BadSetting(f"{setting.variable} must be {error}{given}.") from None
