"""What is at which path: the tables that the gateway serves and that OpenAPI describes."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from forest_serving import __version__
from forest_serving.http.openapi import openapi_document
from forest_serving.monitoring.exposition import MEDIA_TYPE
from forest_serving.protocols import mlflow, native, open_inference, sagemaker, torchserve, v1_models, vertex
from forest_serving.protocols.endpoint import (
    JSON_KINDS,
    Dialect,
    Dialects,
    Endpoint,
    Intake,
    Probe,
    Routes,
    conversing,
    page,
    posted,
)
from forest_serving.protocols.shared_paths import Table, by_content, merged
from forest_serving.rows.tensors import max_tensor_bytes
from forest_serving.schema import MODEL_NAME, Predictor
from forest_serving.settings import Settings

_DOCS_PAGE = Path(__file__).parents[1] / "http" / "docs.html"


def routes_of(model: Predictor, metrics: Callable[[], bytes], settings: Settings) -> Routes:
    """Return the routes that answer for a model.

    Args:
        model: the model.
        metrics: returns the text of /metrics.
        settings: the limits in force.
    """
    routes = dict(merged(tables_of(model, metrics, settings)))
    needs_key = bool(settings.api_keys or settings.api_keys_in_file)
    document = msgspec.json.encode(openapi_document(model, routes, dialects_of(model.version), needs_key))
    return routes | {"/docs.json": {"GET": page(document)}}


def tables_of(model: Predictor, metrics: Callable[[], bytes], settings: Settings) -> dict[str, Table]:
    """Return each protocol's table, "METHOD /path" → endpoint."""
    json = Intake(settings.max_body_bytes)
    tensors = Intake(max_tensor_bytes(settings), JSON_KINDS | {open_inference.OCTETS}, open_inference.INTAKE)
    anything = Intake(max_tensor_bytes(settings), JSON_KINDS | sagemaker.KINDS, sagemaker.INTAKE)
    rows = native.decoder(settings.max_rows)
    metrics_probe: Probe = "open" if settings.metrics_open else ""
    v2, v2_version = f"/v2/models/{MODEL_NAME}", f"/v2/models/{MODEL_NAME}/versions/{model.version}"
    v1, v1_version = f"/v1/models/{MODEL_NAME}", f"/v1/models/{MODEL_NAME}/versions/{model.version}"

    healthy = page(torchserve.HEALTHY, "200 while the server is ready", "ready")
    server = page(open_inference.server(__version__), "The server's name, version and extensions")
    about = page(open_inference.metadata(model.version), "The model's versions, inputs and outputs")
    ready = page(open_inference.ready(), "Whether the model is ready", "ready")
    index = posted(open_inference.index(model.version), json, open_inference.INDEX_DOC)
    infer = conversing(open_inference.inference(model, settings), tensors, open_inference.DOC)
    v1_status = page(v1_models.status(model.version), "The model's state")
    v1_about = page(v1_models.metadata(model.version), "The model's signature")
    v1_predict = posted(v1_models.prediction(model, settings), json, v1_models.DOC)
    classify = posted(torchserve.prediction(model, settings), json, torchserve.DOC)
    on_mlflow = mlflow.from_json(model, settings), mlflow.from_csv(model, settings)
    invoke = conversing(by_content(sagemaker.invocation(model, settings), *on_mlflow), anything, mlflow.DOC)
    return {
        "the service's own": {
            "POST /predict": posted(lambda body: native.encode(model.predict(rows(body))), json, native.DOC),
            "POST /predict_proba": posted(lambda body: model.predict_proba_json(rows(body)), json, native.PROBA_DOC),
            "GET /model": page(native.encode(model.describe()), native.MODEL_DOC),
            "GET /metrics": Endpoint(lambda body: metrics(), MEDIA_TYPE, probe=metrics_probe, doc=native.METRICS_DOC),
            "GET /": page(_DOCS_PAGE.read_bytes(), media_type=b"text/html; charset=utf-8"),
        },
        "Open Inference Protocol": {
            "GET /v2": server,
            "GET /v2/": server,
            "GET /v2/health/live": page(b'{"live": true}', "200 while the process runs", "open"),
            "GET /v2/health/ready": page(b'{"ready": true}', "200 while the server is ready", "ready"),
            f"GET {v2}": about,
            f"GET {v2_version}": about,
            f"GET {v2}/ready": ready,
            f"GET {v2_version}/ready": ready,
            "POST /v2/repository/index": index,
            f"POST {v2}/infer": infer,
            f"POST {v2_version}/infer": infer,
        },
        "KServe V1": {
            "GET /v1/models": page(v1_models.models(), "The models' names"),
            f"GET {v1}": v1_status,
            f"POST {v1}:predict": v1_predict,
        },
        "TensorFlow Serving": {
            f"GET {v1}": v1_status,
            f"GET {v1_version}": v1_status,
            f"GET {v1}/metadata": v1_about,
            f"GET {v1_version}/metadata": v1_about,
            f"POST {v1}:predict": v1_predict,
            f"POST {v1_version}:predict": v1_predict,
        },
        "SageMaker": {
            "GET /ping": healthy,
            "GET /execution-parameters": page(sagemaker.parameters(settings), "What a batch transform may do"),
            "POST /invocations": invoke,
        },
        "MLflow": {
            "GET /ping": healthy,
            "GET /health": healthy,
            "GET /version": page(__version__.encode(), "This software's version", "open", b"text/plain; charset=utf-8"),
            "POST /invocations": invoke,
        },
        "TorchServe": {
            "GET /ping": healthy,
            f"POST /predictions/{MODEL_NAME}": classify,
            f"POST /predictions/{MODEL_NAME}/{model.version}": classify,
        },
        "Vertex AI": _vertex(model, settings, json),
    }


def _vertex(model: Predictor, settings: Settings, json: Intake) -> Table:
    """Return the paths that Vertex AI names in the container's environment."""
    decode, path = vertex.decoder(settings), vertex.predict_path(settings)
    method = model.predict_proba if path == "/predict_proba" else model.predict
    predict = posted(lambda body: vertex.encode(method(decode(body))), json, vertex.DOC)
    health = page(vertex.HEALTHY, "200 while the server is ready", "ready")
    return ({f"POST {path}": predict} if path else {}) | (
        {f"GET {settings.vertex_health_route}": health} if settings.vertex_health_route else {}
    )


def dialects_of(version: str) -> Dialects:
    """Return how errors are told where; a 404 names the model and the version that there are."""
    have = f'the one model is "{MODEL_NAME}", its one version "{version}"'
    there = f"Nothing is at this path; {have}. GET /docs.json lists all paths."
    own = "/predict, /predict_proba, /model, /metrics and, for other protocols, those in /docs.json"
    return {
        "": Dialect(native.refuse, f"Nothing is at this path; the API has {own}."),
        "/v2": Dialect(open_inference.refuse, there),
        "/v1/models": Dialect(v1_models.refuse, there),
        "/invocations": Dialect(mlflow.refuse, there),
        "/version": Dialect(mlflow.refuse, there),
        "/health": Dialect(mlflow.refuse, there),
        "/ping": Dialect(torchserve.refuse, there),
        "/predictions": Dialect(torchserve.refuse, there),
    }
