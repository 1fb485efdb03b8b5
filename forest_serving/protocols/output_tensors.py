"""The outputs of the Open Inference Protocol: tensors in JSON or in bytes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from forest_serving.card import Card
from forest_serving.protocols.endpoint import JSON, Reply, encode
from forest_serving.protocols.labels import kind_of
from forest_serving.protocols.predictor import Answers

OCTETS = b"application/octet-stream"
LENGTH_HEADER = b"inference-header-content-length"
_BINARY = {"INT64": "<i8", "FP64": "<f8", "BOOL": "?"}


class OutputEncoder:
    """Writes replies.

    Args:
        card: the model's.
        version: the model's.

    Attributes:
        outputs: the names of what there is to ask for: a regressor has no probabilities.
    """

    def __init__(self, card: Card, version: str) -> None:
        self.outputs = ("predict", "predict_proba") if card.is_classifier else ("predict",)
        self.kinds = {"predict": kind_of(card.labels), "predict_proba": "FP64"}
        self.widths: dict[str, list[int]] = {"predict": [], "predict_proba": [len(card.classes)]}
        self._head: dict[str, Any] = {"model_name": card.name, "model_version": version}

    def described(self) -> list[dict[str, Any]]:
        """Return the metadata of the outputs."""
        return [{"name": n, "datatype": self.kinds[n], "shape": [-1, *self.widths[n]]} for n in self.outputs]

    def plain(self, request_id: str | None) -> Callable[[Answers], Reply]:
        """Return what writes the predictions as JSON."""
        kind, head = self.kinds["predict"], self._named(request_id)

        def write(answers: Answers) -> Reply:
            data = answers.predictions()
            outputs = [{"name": "predict", "datatype": kind, "shape": [len(data)], "data": data}]
            return Reply(encode(head | {"outputs": outputs}))

        return write

    def of(self, request_id: str | None, wanted: Sequence[tuple[str, bool]]) -> Callable[[Answers], Reply]:
        """Return what writes the outputs asked for, each as JSON or as bytes."""
        if list(wanted) == [("predict", False)]:
            return self.plain(request_id)

        def write(answers: Answers) -> Reply:
            outputs, tensors = [], []
            for name, is_binary in wanted:
                output: dict[str, Any] = {"name": name, "datatype": self.kinds[name]}
                output["shape"] = [len(answers), *self.widths[name]]
                if is_binary:
                    tensors.append(self._bytes(name, answers))
                    output["parameters"] = {"binary_data_size": len(tensors[-1])}
                else:
                    output["data"] = _data(name, answers)
                outputs.append(output)
            head = encode(self._named(request_id) | {"outputs": outputs})
            if not any(is_binary for _, is_binary in wanted):
                return Reply(head, JSON)
            return Reply(b"".join([head, *tensors]), OCTETS, ((LENGTH_HEADER, b"%d" % len(head)),))

        return write

    def _named(self, request_id: str | None) -> dict[str, Any]:
        return self._head if request_id is None else self._head | {"id": request_id}

    def _bytes(self, name: str, answers: Any) -> bytes:
        """Return an output as little-endian numbers; of text, each with its length before it."""
        kind = self.kinds[name]
        if kind == "BYTES":
            texts = [str(label).encode() for label in answers.predictions()]
            return b"".join([len(text).to_bytes(4, "little") + text for text in texts])
        values = answers.prediction_array() if name == "predict" else answers.probability_array()
        return np.ascontiguousarray(values, _BINARY[kind]).tobytes()


def _data(name: str, answers: Any) -> Any:
    """Return an output's values as JSON has them: flat."""
    if name == "predict":
        return answers.predictions()
    return np.ravel(answers.probability_array()).tolist()
