"""Paths that the operator chose for a platform: none may change what another path means, or who needs a key there."""

from collections.abc import Collection, Mapping, Sequence

from forest_serving.errors import BadSetting
from forest_serving.http.behind import BENTOML_FOLDER, BENTOML_PATHS, HEALTH_PATHS
from forest_serving.protocols.endpoint import Endpoint, Protocol, page

# Whichever of BentoML's health paths a platform asks, it means readiness.
_BENTOML = {path: {"GET": page(b"", probe="ready" if path in HEALTH_PATHS else "")} for path in BENTOML_PATHS}

_HEALTH, _PREDICT = ("AIP_HEALTH_ROUTE", "/health"), ("AIP_PREDICT_ROUTE", "/predict")  # variable, a path that will do


def check_chosen_paths(protocols: Sequence[Protocol], choosing: Collection[str]) -> None:
    """Check the paths of protocols that let the operator choose them.

    Args:
        protocols: all, and what the gateway answers about itself.
        choosing: the names of those that let the operator choose.

    Raises:
        BadSetting: if a path is chosen twice, or is another one's that means something else, by whichever method.
    """
    taken = {path: dict(methods) for path, methods in _BENTOML.items()}
    for protocol in protocols:
        if protocol.name not in choosing:
            _add(taken, protocol)
    for protocol in protocols:
        if protocol.name in choosing:
            _check(protocol, taken)


def _add(taken: dict[str, dict[str, Endpoint]], protocol: Protocol) -> None:
    for place, endpoint in protocol.table.items():
        method, _, path = place.partition(" ")
        taken.setdefault(path, {})[method] = endpoint


def _check(protocol: Protocol, taken: Mapping[str, Mapping[str, Endpoint]]) -> None:
    seen: set[str] = set()
    for place, endpoint in protocol.table.items():
        method, _, path = place.partition(" ")
        if path in seen:
            raise BadSetting(f"AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE must differ; both are {path[:80]!r}.")
        seen.add(path)
        there = taken.get(path, {})
        if path.startswith(BENTOML_FOLDER) or (there and not _means_the_same(method, endpoint, there)):
            variable, example = _PREDICT if endpoint.predicts else _HEALTH
            raise BadSetting(f"{variable} must not be {path[:80]!r}, where something else is; choose {example}.")


def _means_the_same(method: str, endpoint: Endpoint, there: Mapping[str, Endpoint]) -> bool:
    if method not in there:
        return False
    return all(each.predicts if endpoint.predicts else each.probe == "ready" for each in there.values())
