"""The wire protocols beside one another: one row in each, and 100,000 rows in binary."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.server.contest import Case
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan
from benchmarks.server.rows import JSON, write_requests

TENSOR_ROWS, TENSOR_BODIES, TENSOR_CONNECTIONS = 100_000, 4, 2
BINARY_OUT = {"outputs": [{"name": "predict"}], "parameters": {"binary_data_output": True}}
CSV, NPY = {"Content-Type": "text/csv"}, {"Content-Type": "application/x-npy", "Accept": "application/x-npy"}
INFER, VERTEX_ROUTE = "/v2/models/iris/infer", "/vertex"
LABELS, PROBABILITIES = "the service's own, /predict", "the service's own, /predict_proba"
Row = list[float]


def one_row(plan: Plan) -> list[Case]:
    """Return a case for each protocol, beside the service's own path that answers the same."""
    peer = Peer.read("iris")
    peer = peer.variant("iris-vertex", environment=peer.environment | {"AIP_PREDICT_ROUTE": VERTEX_ROUTE})
    cases: list[Case] = []
    for name, (path, body_of, headers, beside) in protocols().items():
        asked = (body_of(row).encode() for row in plan.in_range)
        file = write_requests(plan.work / f"protocol-{len(cases)}.requests", path, asked, headers)
        cases.append(Case(name, peer, file, beside))
    return cases


def protocols() -> dict[str, tuple[str, Callable[[Row], str], Mapping[str, str], str]]:
    """Return where and how each protocol sends a row, and what it is compared with."""

    def instances(row: Row) -> str:
        return json.dumps({"instances": [row]})

    def infer(row: Row, **more: Any) -> str:
        return json.dumps({"inputs": [tensor(1, data=row)], **more})

    def named(output: str) -> Callable[[Row], str]:
        return lambda row: infer(row, outputs=[{"name": output}])

    return {
        LABELS: ("/predict", instances, JSON, ""),
        PROBABILITIES: ("/predict_proba", instances, JSON, ""),
        "Open Inference, labels": (INFER, named("predict"), JSON, LABELS),
        "Open Inference, probabilities": (INFER, named("predict_proba"), JSON, PROBABILITIES),
        "KServe V1, TensorFlow Serving": ("/v1/models/iris:predict", instances, JSON, LABELS),
        "MLflow": ("/invocations", lambda row: json.dumps({"inputs": [row]}), JSON, LABELS),
        "SageMaker, CSV": ("/invocations", lambda row: ",".join(map(str, row)), CSV | {"Accept": "text/csv"}, LABELS),
        "TorchServe": ("/predictions/iris", lambda row: json.dumps([row]), JSON, LABELS),
        "Vertex AI": (VERTEX_ROUTE, instances, JSON, LABELS),
    }


def tensors(plan: Plan) -> list[Case]:
    """Return a case for each form of 100,000 rows, and a fixed reply after the same bytes were read."""
    ours, bare, other = map(Peer.read, ("iris", "uvicorn", "mlserver"))
    reader = bare.variant("uvicorn-reader", command=[part.replace("app:app", "app:reader") for part in bare.command])
    tables = [random_rows(number) for number in range(TENSOR_BODIES)]
    head = json.dumps(
        {"inputs": [tensor(TENSOR_ROWS, parameters={"binary_data_size": tables[0].nbytes})], **BINARY_OUT}
    )
    octets = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    binary = write_requests(plan.work / "binary", INFER, (head.encode() + each.tobytes() for each in tables), octets)
    npy = write_requests(plan.work / "npy", "/invocations", map(as_npy, tables), NPY)
    texts = write_requests(plan.work / "texts", other.path, (other.request(each.tolist()) for each in tables))
    floor, tensors = "bare uvicorn, body read, fixed reply", f"{ours.title}, Open Inference, binary"
    return [
        Case(floor, reader, binary, "", TENSOR_ROWS, TENSOR_CONNECTIONS),
        Case(tensors, ours, binary, floor, TENSOR_ROWS, TENSOR_CONNECTIONS),
        Case(f"{ours.title}, SageMaker, npy", ours, npy, floor, TENSOR_ROWS, TENSOR_CONNECTIONS),
        Case(f"{other.title}, JSON", other, texts, tensors, TENSOR_ROWS, TENSOR_CONNECTIONS),
    ]


def tensor(n_rows: int, **others: Any) -> dict[str, Any]:
    """Return an input of the Open Inference Protocol."""
    return {"name": "predict", "shape": [n_rows, 4], "datatype": "FP64", **others}


def random_rows(seed: int) -> Any:
    """Return rows, shape (100,000, 4)."""
    return np.random.default_rng(seed).uniform(0, 8, (TENSOR_ROWS, 4)).round(1)


def as_npy(rows: Any) -> bytes:
    """Return rows as a file of NumPy's."""
    file = io.BytesIO()
    np.save(file, rows)
    return file.getvalue()
