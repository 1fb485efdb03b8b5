"""NVIDIA's client for the Open Inference Protocol, asked as its documentation shows. Usage: triton.py HOST:PORT."""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])
client = triton.InferenceServerClient(sys.argv[1])


def tensor(rows, datatype, binary, name="input-0"):
    """Return rows as an input."""
    given = triton.InferInput(name, list(rows.shape), datatype)
    given.set_data_from_numpy(rows, binary_data=binary)
    return given


def output(name, binary):
    """Return what asks for an output."""
    return triton.InferRequestedOutput(name, binary_data=binary)


def shared():
    """Return what asks for an output in memory that client and server share."""
    wanted = triton.InferRequestedOutput("predict")
    wanted.set_shared_memory("region", 16)
    return wanted


def infer(inputs, names=("predict",), outputs=None, **options):
    """Return outputs as lists."""
    answer = client.infer("iris", inputs, outputs=outputs, **options)
    return [answer.as_numpy(name).tolist() for name in names]


def refusal(**options):
    """Return the status and sentence of a refusal."""
    try:
        client.infer(options.pop("model", "iris"), **options)
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


single = ROWS.astype(np.float32)
columns = {"petal_width": 3, "sepal length (cm)": 0, "petal_length": 2, "sepal_width": 1}
version = client.get_model_metadata("iris")["versions"][0]
many = np.random.default_rng(0).uniform(0, 8, (100_000, 4))
broken = ROWS.copy()
broken[1, 2] = np.nan
print(
    json.dumps(
        {
            "healthy": [client.is_server_live(), client.is_server_ready(), client.is_model_ready("iris", version)],
            "index": client.get_model_repository_index(),
            "extensions": client.get_server_metadata()["extensions"],
            "binary": infer([tensor(ROWS, "FP64", True)]),
            "json": infer([tensor(single, "FP32", False)], outputs=[output("predict", False)]),
            "mixed": infer(
                [tensor(single, "FP32", True)],
                ("predict", "predict_proba"),
                [output("predict", False), output("predict_proba", True)],
                model_version=version,
            ),
            "all": infer([tensor(ROWS, "FP64", True)], ("predict", "predict_proba")),
            "shared memory": refusal(inputs=[tensor(ROWS, "FP64", True)], outputs=[shared()]),
            "integers": infer([tensor(ROWS.astype(np.int16), "INT16", True)]),
            "columns": infer(
                [tensor(ROWS[:, [place]], "FP64", place % 2 == 0, name) for name, place in columns.items()]
            ),
            "many": sum(infer([tensor(many, "FP64", True)])[0]),
            "id": client.infer("iris", [tensor(ROWS, "FP64", True)], request_id="7").get_response()["id"],
            "nan": refusal(inputs=[tensor(broken, "FP64", True)]),
            "version": refusal(inputs=[tensor(ROWS, "FP64", True)], model_version="9"),
            "model": refusal(inputs=[tensor(ROWS, "FP64", True)], model="rose"),
        }
    )
)
