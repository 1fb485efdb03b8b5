"""What BentoML's application answers, behind the gateway."""

from collections.abc import Mapping

from forest_serving.protocols.endpoint import Endpoint, Probe, Reply

HEALTH_PATHS = frozenset({"/livez", "/healthz", "/readyz"})
BENTOML_PATHS = HEALTH_PATHS | {"/schema.json"}
BENTOML_FOLDER = "/static_content/"  # what the documentation's page loads
ELSEWHERE = Reply(b"")  # stands for the reply that BentoML's application will give


def _methods(probe: Probe) -> Mapping[str, Endpoint]:
    return dict.fromkeys(("GET", "HEAD"), Endpoint(lambda headers, body: ELSEWHERE, heeds_accept=True, probe=probe))


_PLAIN = _methods("")
BENTOML_ROUTES = (
    dict.fromkeys(BENTOML_PATHS, _PLAIN)
    | dict.fromkeys(HEALTH_PATHS, _methods("open"))
    | {"/readyz": _methods("ready")}
)


def methods_at(path: str) -> Mapping[str, Endpoint]:
    """Return what BentoML's application answers at a path; nothing if the path is none of its own."""
    return BENTOML_ROUTES.get(path) or (_PLAIN if path.startswith(BENTOML_FOLDER) else {})
