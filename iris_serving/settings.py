"""The service's own environment variables. BentoML's settings are in configuration.yaml."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from iris_serving.errors import BadSetting
from iris_serving.schema import MODEL_NAME


class Setting(NamedTuple):
    """One environment variable: its name, default, unit, how to read its text, and what it is for."""

    variable: str
    default: Any
    unit: str
    read: Callable[[str], Any]
    help: str


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


def model_tag(text: str) -> str:
    """Read the name of a model in the BentoML store, with or without a version."""
    name, _, version = text.partition(":")
    if not name or ":" in version or any(c.isspace() for c in text):
        raise ValueError('a model tag such as "iris_compiled"')
    return text


SETTINGS = (
    Setting("IRIS_MODEL", f"{MODEL_NAME}_compiled", "tag", model_tag, "the stored model to serve"),
    Setting("IRIS_MAX_BODY_BYTES", 1_048_576, "bytes", positive_int, "the longest request body that is read"),
    Setting("IRIS_BODY_TIMEOUT_S", 10.0, "seconds", positive_float, "how long a request body may take to arrive"),
)


class Settings(NamedTuple):
    """The settings in force."""

    model: str
    max_body_bytes: int
    body_timeout_s: float


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
        raise BadSetting(f"{setting.variable} must be {error}; it is {text[:80]!r}.") from None
