"""All protocols put together: what is at which path, and which protocol answers where several have one."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from forest_serving.protocols import (
    explain,
    feature_resources,
    mlflow,
    native,
    open_inference,
    sagemaker,
    torchserve,
    v1_models,
    vertex,
)
from forest_serving.protocols.endpoint import (
    Dialect,
    Dialects,
    Doc,
    Endpoint,
    EventualReply,
    Headers,
    Intake,
    Probe,
    Protocol,
    Table,
)
from forest_serving.protocols.negotiation import check_accept
from forest_serving.protocols.predictor import Context
from forest_serving.protocols.schemas import any_of

# To add a protocol, write its file and name it here.
PROTOCOLS: tuple[Callable[[Context], Protocol], ...] = (
    native.protocol,
    explain.protocol,
    feature_resources.protocol_of,
    open_inference.protocol,
    v1_models.protocol,
    sagemaker.protocol,
    mlflow.protocol,
    torchserve.protocol,
    vertex.protocol,
)
# "METHOD /path" → the protocol that answers where several do. The others get by with its reply.
WINNERS = {
    "GET /ping": torchserve.NAME,  # SageMaker and MLflow read only the status
    "POST /predict": vertex.NAME,  # if that is its route: takes the same, and "parameters"
    "POST /predict_proba": vertex.NAME,
}
YIELDING = frozenset({vertex.NAME})  # an operator chooses its paths; what others have there suits it, too

_NOT_EXPLAINED = (
    'The model "{name}" was saved without what explanations need, by an older version of this software or with weights'
    " that are not positive; save it again."
)


def protocols_of(context: Context) -> list[Protocol]:
    """Return every protocol for a model."""
    return [protocol(context) for protocol in PROTOCOLS]


def dialects_of(protocols: Sequence[Protocol], context: Context) -> Dialects:
    """Return how errors are told where; a 404 names the model and the version that there are."""
    have = f'the one model is "{context.card.name}", its one version "{context.model.version}"'
    there = f"Nothing is at this path; {have}. GET /docs.json lists all paths."
    own = f"{', '.join(_own_paths(context))} and, for other protocols, those in /docs.json"
    found = Dialects()
    for protocol in protocols:
        for start, refuse in protocol.errors.items():
            found[start] = Dialect(refuse, there if start else f"Nothing is at this path; the API has {own}.")
    if not context.card.is_classifier:
        why = "This model is a regressor: it answers with numbers and has no probabilities; ask /predict."
        found["/predict_proba"] = found[""]._replace(missing=why)
    if context.explainer is None:
        found["/explain"] = found[""]._replace(missing=_NOT_EXPLAINED.format(name=context.card.name))
    if context.features is None:
        why = "Features by id are off: set FOREST_FEATURES to where they are stored."
        found["/features"] = found[""]._replace(missing=why)
    if not context.settings.ui:
        why = "The page is off: FOREST_UI is false; set it to true, or unset it."
        found["/ui"] = found[""]._replace(missing=why)
    return found


def _own_paths(context: Context) -> Iterator[str]:
    yield "/predict"
    if context.card.is_classifier:
        yield "/predict_proba"
    if context.explainer is not None:
        yield "/explain"
    if context.features is not None:
        yield "/features"
    yield "/model"
    if context.settings.ui:
        yield "/ui"
    yield "/metrics"


def routes_of(protocols: Sequence[Protocol]) -> dict[str, dict[str, Endpoint]]:
    """Return the routes of all protocols.

    Raises:
        ValueError: if protocols have different endpoints at one path and nothing says who wins.
    """
    routes: dict[str, dict[str, Endpoint]] = {}
    for place, owners in _owners(protocols).items():
        method, _, path = place.partition(" ")
        tables = {name: dict(_table(protocols, name))[place] for name in owners}
        endpoint = _chosen(place, tables)
        probe = _strictest(endpoint.probe for endpoint in tables.values())
        routes.setdefault(path, {})[method] = endpoint._replace(probe=probe, protocols=tuple(owners))
    return routes


def _strictest(probes: Iterable[Probe]) -> Probe:
    """Return what a path is for all who share it: what one of them asks without a key, no other may lock."""
    found = set(probes)
    return "ready" if "ready" in found else "open" if "open" in found else ""


def _owners(protocols: Sequence[Protocol]) -> dict[str, list[str]]:
    owners: dict[str, list[str]] = {}
    for protocol in protocols:
        for place in protocol.table:
            owners.setdefault(place, []).append(protocol.name)
    return owners


def _table(protocols: Sequence[Protocol], name: str) -> Table:
    return next(protocol.table for protocol in protocols if protocol.name == name)


def _chosen(place: str, endpoints: dict[str, Endpoint]) -> Endpoint:
    """Return which of several endpoints answers at a path, or what asks each whether a request is its own."""
    claimants = [endpoint for endpoint in endpoints.values() if endpoint.claims]
    others = {name: endpoint for name, endpoint in endpoints.items() if not endpoint.claims}
    if not others:
        raise ValueError(f"{', '.join(endpoints)} answer {place} only sometimes; one must take the rest.")
    rest = others[_winner(place, list(others))]
    for claimant in claimants:
        rest = _shared(claimant, rest)
    return rest


def _winner(place: str, names: list[str]) -> str:
    if len(names) > 1:
        names = [name for name in names if name not in YIELDING or name == WINNERS.get(place)]
    if len(names) > 1:
        stated = WINNERS.get(place)
        if stated not in names:
            raise ValueError(f"{' and '.join(names)} both answer {place}; say in WINNERS who does.")
        return stated
    return names[0]


def _shared(claimant: Endpoint, rest: Endpoint) -> Endpoint:
    """Return an endpoint that lets the claimant answer what it claims, and the other one the rest."""
    claims = claimant.claims
    if claims is None:
        return rest

    def respond(headers: Headers, body: bytes) -> EventualReply:
        endpoint = claimant if claims(headers, body) else rest
        if not endpoint.heeds_accept:
            check_accept(headers.get(b"accept", b"*/*"), endpoint.media_type)
        return endpoint.respond(headers, body)

    intake = _widened(rest.intake, claimant.intake)
    return rest._replace(respond=respond, intake=intake, heeds_accept=True, doc=_joined(claimant.doc, rest.doc))


def _widened(first: Intake | None, second: Intake | None) -> Intake | None:
    if first is None or second is None:
        return first or second
    return first._replace(media_types=first.media_types | second.media_types)


def _joined(first: Doc | None, second: Doc | None) -> Doc | None:
    if first is None or second is None:
        return first or second
    return Doc(
        f"{first.summary}. {second.summary}",
        {**second.examples, **first.examples},
        any_of(dict(second.schema), dict(first.schema)),
        other_replies=tuple(dict.fromkeys((*first.other_replies, *second.other_replies))),
    )
