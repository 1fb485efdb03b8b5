"""Where protocols meet: which of them answers at a path that several have."""

from collections.abc import Callable, Mapping

from forest_serving.protocols.endpoint import (
    JSON,
    JSON_KINDS,
    Answer,
    Endpoint,
    EventualAnswer,
    Headers,
    Routes,
    base_of,
)
from forest_serving.protocols.negotiation import check_accept
from forest_serving.rows.csv_rows import has_names

Table = Mapping[str, Endpoint]  # "METHOD /path" → endpoint

# "METHOD /path" → the protocol that answers, where endpoints differ. Protocols that share one endpoint do not clash.
WINNERS = {
    "POST /predict": "Vertex AI",  # if that is its route: takes the same, and "parameters"
    "POST /predict_proba": "Vertex AI",
}
YIELDING = frozenset({"Vertex AI"})  # whoever deploys chooses its paths; what others have there suits it, too


def merged(tables: Mapping[str, Table]) -> Routes:
    """Return the routes of all protocols.

    Args:
        tables: for each protocol, "METHOD /path" → endpoint.

    Raises:
        ValueError: if protocols have different endpoints at one path and nothing says who wins.
    """
    owners: dict[str, str] = {}
    for protocol, table in tables.items():
        for place, endpoint in table.items():
            owner = owners.setdefault(place, protocol)
            if tables[owner][place] is not endpoint:
                owners[place] = _winner(place, owner, protocol)
    routes: dict[str, dict[str, Endpoint]] = {}
    for place, owner in owners.items():
        method, _, path = place.partition(" ")
        probes = [table[place].probe for table in tables.values() if place in table]
        endpoint = tables[owner][place]
        routes.setdefault(path, {})[method] = endpoint._replace(probe=endpoint.probe or next(filter(None, probes), ""))
    return routes


def _winner(place: str, first: str, second: str) -> str:
    winner = WINNERS.get(place, first if second in YIELDING else "")
    if winner not in (first, second):
        raise ValueError(f"{first} and {second} both answer {place}; say in WINNERS who does.")
    return winner


def by_content(
    sagemaker: Callable[[Headers, bytes], EventualAnswer],
    mlflow_json: Callable[[bytes], bytes],
    mlflow_csv: Callable[[bytes], bytes],
) -> Callable[[Headers, bytes], EventualAnswer]:
    """Return what answers /invocations: MLflow sends JSON objects and CSV with names, SageMaker everything else."""

    def invoke(headers: Headers, body: bytes) -> EventualAnswer:
        kind = base_of(headers.get(b"content-type", b""))
        if kind in JSON_KINDS and body.lstrip()[:1] == b"{":
            mlflow = mlflow_json
        elif kind == b"text/csv" and has_names(body):
            mlflow = mlflow_csv
        else:
            return sagemaker(headers, body)
        check_accept(headers.get(b"accept", b"*/*"), JSON)
        return Answer(JSON, mlflow(body))

    return invoke
