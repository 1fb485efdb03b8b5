"""What each protocol answers, of a classifier and of a regressor: what scikit-learn predicts, in types that say so."""

import asyncio
import io
import json
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.support.in_process import answer_of, gateway_of

CSV, LINES, NPY = b"text/csv", b"application/jsonlines", b"application/x-npy"
WORDS = {int: ("INT64", "DT_INT64", "<i8"), float: ("FP64", "DT_DOUBLE", "<f8")}  # in v2, TensorFlow Serving, binary


class Form(NamedTuple):
    """One form of request and reply: where it is sent, what is around the rows, where the predictions are."""

    path: str
    wrap: Any = lambda rows: rows
    unwrap: Any = lambda answer: answer
    accept: bytes = b"*/*"


def tensor(rows):
    """Return a request of the Open Inference Protocol."""
    return {"inputs": [{"name": "x", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": rows}]}


FORMS = {
    "native": Form("/predict", lambda rows: {"instances": rows}, lambda answer: answer["predictions"]),
    "Vertex AI": Form("/vertex", lambda rows: {"instances": rows}, lambda answer: answer["predictions"]),
    "KServe V1": Form(
        "/v1/models/NAME:predict", lambda rows: {"instances": rows}, lambda answer: answer["predictions"]
    ),
    "TensorFlow": Form("/v1/models/NAME:predict", lambda rows: {"inputs": rows}, lambda answer: answer["outputs"]),
    "MLflow": Form("/invocations", lambda rows: {"inputs": rows}, lambda answer: answer["predictions"]),
    "TorchServe": Form("/predictions/NAME", lambda rows: {"data": rows}),
    "Open Inference": Form("/v2/models/NAME/infer", tensor, lambda answer: answer["outputs"][0]["data"]),
    "SageMaker": Form("/invocations"),
    "SageMaker, CSV": Form("/invocations", accept=CSV),
    "SageMaker, lines": Form("/invocations", accept=LINES),
    "SageMaker, npy": Form("/invocations", accept=NPY),
}


def ask(model, method, path, body=b"", **headers):
    """Return the status, the headers and the body of a reply."""
    gateway = gateway_of(model, AIP_PREDICT_ROUTE="/vertex")
    fields = [(name.encode(), value) for name, value in headers.items()]
    return asyncio.run(answer_of(gateway, method, path.replace("NAME", model.card.name), fields, body))


def read(body, accept):
    """Return what a reply holds; a line of CSV with a number is JSON, too."""
    if accept == NPY:
        return np.load(io.BytesIO(body), allow_pickle=False).tolist()
    return [json.loads(line) for line in body.splitlines()] if accept in (CSV, LINES) else json.loads(body)


@pytest.mark.parametrize("n_rows", [1, 200])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_protocol_answers_with_what_scikit_learn_predicts(pair, form, n_rows):
    """To the bit, and of its type: JSON tells 1 from 1.0."""
    rows = pair.rows[:n_rows]
    expected = pair.oracle.predict(rows).tolist()
    status, _, body = ask(
        pair.model, "POST", form.path, json.dumps(form.wrap(rows.tolist())).encode(), accept=form.accept
    )
    found = form.unwrap(read(body, form.accept))
    assert (status, found) == (200, expected)
    assert list(map(type, found)) == list(map(type, expected))


def test_a_binary_tensor_of_predictions_has_the_type_that_the_metadata_says(pair):
    rows = pair.rows[:20]
    outputs, parameters = [{"name": "predict"}], {"binary_data_output": True}
    request = tensor(rows.tolist()) | {"outputs": outputs, "parameters": parameters}
    _, headers, body = ask(pair.model, "POST", "/v2/models/NAME/infer", json.dumps(request).encode())
    length = int(headers[b"inference-header-content-length"])
    (output,) = json.loads(body[:length])["outputs"]
    expected = pair.oracle.predict(rows)
    datatype, _, dtype = WORDS[type(expected.tolist()[0])]
    assert output == {"name": "predict", "datatype": datatype, "shape": [20], "parameters": {"binary_data_size": 160}}
    assert body[length:] == expected.astype(dtype).tobytes()


def test_metadata_say_the_type_of_predictions_and_list_probabilities_only_of_a_classifier(pair):
    outputs = json.loads(ask(pair.model, "GET", "/v2/models/NAME")[2])["outputs"]
    signature = json.loads(ask(pair.model, "GET", "/v1/models/NAME/metadata")[2])["metadata"]["signature_def"]
    datatype, in_tensorflow, _ = WORDS[type(pair.oracle.predict(pair.rows[:1]).tolist()[0])]
    probabilities = {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 3]}
    shares = [probabilities] if pair.model.card.is_classifier else []
    assert outputs == [{"name": "predict", "datatype": datatype, "shape": [-1]}, *shares]
    assert signature["signature_def"]["serving_default"]["outputs"]["predictions"]["dtype"] == in_tensorflow


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("path", ["/predict_proba", "/predict_proba/"])
def test_a_regressor_has_no_probabilities_and_says_so(regressor, method, path):
    status, _, body = ask(regressor, method, path, b'{"instances": [[1]]}')
    why = "This model is a regressor: it answers with numbers and has no probabilities; ask /predict."
    assert (status, json.loads(body)) == (404, {"error": why, "detail": []})


def test_a_regressors_other_unknown_paths_do_not_advise_to_ask_for_probabilities(regressor):
    status, _, body = ask(regressor, "POST", "/nothing")
    assert (status, b"predict_proba" in body) == (404, False)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ({"name": "predict_proba"}, 'There is no output "predict_proba": this model is a regressor and has no '),
        ({"name": "other"}, 'There is no output "other"; ask for predict.'),
        ({"name": "predict", "parameters": {"classification": 1}}, '"classification" is not offered; ask for predict.'),
    ],
)
def test_outputs_that_a_regressor_does_not_have_are_refused_by_name(regressor, output, why):
    request = tensor([list(regressor.card.example)]) | {"outputs": [output]}
    status, _, body = ask(regressor, "POST", "/v2/models/NAME/infer", json.dumps(request).encode())
    assert (status, json.loads(body)["error"].startswith(why)) == (400, True), body
