"""Which source FOREST_FEATURES chooses. Each is imported only where it is chosen."""

from importlib import import_module
from pathlib import Path
from typing import Any

from forest_serving.errors import BadSetting
from forest_serving.features.fetching import Fetching
from forest_serving.features.local import LocalFeatures
from forest_serving.settings import Settings
from forest_serving.settings_values import features_scheme

_REDIS = "redis_source:RedisSource"
_POSTGRES = "postgres_source:PostgresSource"
_HTTP = "http_source:HttpSource"
_FEAST = "feast_source:FeastSource"
_FEASTS_PATH = "/get-online-features"
_SOURCES = {
    "": "lmdb_store:LmdbStore",
    "python": "own_source:own_source",
    "redis": _REDIS,
    "rediss": _REDIS,
    "unix": _REDIS,
    "postgresql": _POSTGRES,
    "postgres": _POSTGRES,
    "http": _HTTP,
    "https": _HTTP,
    "http+unix": _HTTP,
}
_WITH_KEY = (_HTTP, _FEAST)


def open_features(settings: Settings, url: str = "") -> LocalFeatures | Fetching | None:
    """Return where rows are stored; None if nowhere. A store that must be waited for is not asked before it has to be.

    Args:
        settings: the settings in force.
        url: the path or URL, if it is not that of FOREST_FEATURES.

    Raises:
        BadSetting: if there is no such store, or it cannot be opened here.
    """
    url = url or settings.features
    if not url:
        return None
    source = _open(settings, url)
    if hasattr(source, "look_up"):
        return LocalFeatures(source, settings.max_buffered_bytes)
    return Fetching(source, settings)


def _open(settings: Settings, url: str) -> Any:
    scheme = features_scheme(url)
    where = _SOURCES[scheme]
    if where == _HTTP and url.partition("?")[0].endswith(_FEASTS_PATH):
        where = _FEAST
    module, _, name = where.partition(":")
    make = getattr(import_module(f"{__package__}.{module}"), name)
    try:
        if not scheme:
            return make(Path(url))
        if where == _POSTGRES:
            return make(url, settings.features_timeout_s)
        return make(url, settings.features_key) if where in _WITH_KEY else make(url)
    except OSError as error:
        raise BadSetting(f"FOREST_FEATURES cannot be opened: {error}.") from None
