"""A service that depends on another one, Features, for rows by id, as in microservices.py: where it asks.

BentoML serves a dependency by processes of its own beside those of the service, listening on a UNIX socket in a private
folder, and tells all of them where. Its own client would send Python's pickles through its own layers; the gateway asks
that socket as it would ask a service elsewhere, by FOREST_FEATURES.

Holds on: a service's dependencies, their addresses in BentoML's container (file: and tcp: URLs), and its flag of
development, in which there are no such processes. tests/served/test_microservices.py shows that they hold; a worker
that finds no address ends the server. It can go when BentoML tells a service the addresses of what it depends on, and
lets it be ready without them.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bentoml._internal.configuration.containers import BentoMLContainer

from forest_serving.errors import OperatorError
from forest_serving.host.bentoml_program import REMEDY, is_worker
from forest_serving.host.features_choice import FeaturesChoice
from forest_serving.settings import Settings

LONGER_S = 0.1
NO_ADDRESS = "BentoML does not say where the service {} listens, which this one depends on. " + REMEDY


class NoAddress(OperatorError):
    """A dependency cannot be found."""


def ask_dependency(service: Any, settings: Settings) -> Settings:
    """Return settings by which rows are sought at the service's dependency that has them, if there is one.

    BentoML forgets about it: it would call the service not ready while the dependency is down.

    Args:
        service: BentoML's.
        settings: the settings in force.

    Raises:
        NoAddress: if BentoML has started the dependency, and does not say where.
    """
    for name, dependency in list(service.dependencies.items()):
        if has_features(dependency.on):
            del service.dependencies[name]
            return _asking(dependency, settings)
    return settings


def beside_a_service(settings: Settings) -> Settings:
    """Return settings for a dependency, which reads the same variables as those who ask it.

    It drains until they have had their last answer. Only they keep what was found: two caches, one behind the other,
    would hand out what is twice as old as FOREST_FEATURES_CACHE_S allows.
    """
    drain_s = settings.drain_s + settings.features_timeout_s + LONGER_S
    return replace(settings, drain_s=drain_s, features_cache_s=0.0, features_stale_s=0.0)


def has_features(service: Any) -> bool:
    """Return whether a service is one of rows by id."""
    return isinstance(getattr(getattr(service, "inner", None), "served", None), FeaturesChoice)


def _asking(dependency: Any, settings: Settings) -> Settings:
    address = dependency.url or BentoMLContainer.remote_runner_mapping.get().get(dependency.on.name)
    if address is None:
        if is_worker() and not BentoMLContainer.development_mode.get():
            raise NoAddress(NO_ADDRESS.format(dependency.on.name))
        return settings  # in one process, both read the same store
    keys = (*settings.api_keys, *settings.api_keys_in_file)  # both parts know the same ones
    if dependency.url or not keys:
        keys = (settings.features_key, *keys)  # else that key is for what the dependency itself asks
    return replace(settings, features=url_of(address), features_key=next(filter(None, keys), ""))


def url_of(address: str) -> str:
    """Return an address of BentoML's as FOREST_FEATURES has it.

    Raises:
        NoAddress: if it is of no known kind.
    """
    url = urlsplit(address)
    if url.scheme == "file":
        return f"http+unix://{url.path}"
    if url.scheme == "tcp":
        return f"http://{url.netloc}"
    if url.scheme in ("http", "https"):
        return address
    raise NoAddress(NO_ADDRESS.format(f"at {address[:80]!r}"))
