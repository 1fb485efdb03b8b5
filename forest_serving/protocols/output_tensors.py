"""The outputs of the Open Inference Protocol: which a request wants, and tensors of them in JSON or in bytes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from forest_serving.card import Card
from forest_serving.errors import InvalidInstances
from forest_serving.protocols.endpoint import Reply, encode
from forest_serving.protocols.labels import kind_of
from forest_serving.protocols.predictor import Answers
from forest_serving.rows.tensor_values import check_not_shared
from forest_serving.rows.words import shown

OCTETS = b"application/octet-stream"
LENGTH_HEADER = b"inference-header-content-length"
_BINARY = {"INT64": "<i8", "FP64": "<f8", "BOOL": "?"}


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


Outputs = Annotated[list[_Output], msgspec.Meta(max_length=1000)] | None  # as a request lists them


def wanted(outputs: Outputs, parameters: Mapping[str, Any] | None, offered: Sequence[str]) -> dict[str, bool]:
    """Return the names of the outputs that a request wants, in order, and whether each shall be bytes.

    Args:
        outputs: those that it lists; without any it wants all.
        parameters: the request's.
        offered: the names of what there is.

    Raises:
        InvalidInstances: if one is not offered, or not in the way that it is asked for.
    """
    by_default = _flag(parameters, "binary_data_output", False) if parameters else False
    if not outputs:
        return dict.fromkeys(offered, by_default)
    found: dict[str, bool] = {}
    for output in outputs:
        _check(output, offered)
        if output.name in found:
            raise InvalidInstances(f'The output "{output.name}" is asked for twice; ask once.')
        found[output.name] = _flag(output.parameters, "binary_data", by_default) if output.parameters else by_default
    return found


def _check(output: _Output, offered: Sequence[str]) -> None:
    name = output.name
    if name not in offered:
        why = ": this model is a regressor and has no probabilities" if name == "predict_proba" else ""
        raise InvalidInstances(f'There is no output "{shown(name)}"{why}; ask for {" or ".join(offered)}.')
    if output.parameters:
        if "classification" in output.parameters:
            raise InvalidInstances(f'"classification" is not offered; ask for {offered[-1]}.')
        check_not_shared(output.parameters, f'Output "{name}"', "ask for it without")


def _flag(parameters: Mapping[str, Any], name: str, default: bool) -> bool:
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise InvalidInstances(f'The parameter "{name}" must be true or false.')
    return flag


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
        self._kinds = {"predict": kind_of(card.labels), "predict_proba": "FP64"}
        self._widths: dict[str, list[int]] = {"predict": [], "predict_proba": [len(card.classes)]}
        self._begin = encode({"model_name": card.name, "model_version": version})[:-1]
        self._in_json = {name: self._template(name, '"data":%b') for name in self.outputs}
        self._in_bytes = {name: self._template(name, '"parameters":{"binary_data_size":%d}') for name in self.outputs}

    def _template(self, name: str, rest: str) -> bytes:
        """Return an output's JSON, with places for the number of rows and for what is told by the rest."""
        sizes = ",".join(["%d", *map(str, self._widths[name])])
        return f'{{"name":"{name}","datatype":"{self._kinds[name]}","shape":[{sizes}],{rest}}}'.encode()

    def described(self) -> list[dict[str, Any]]:
        """Return the metadata of the outputs."""
        return [{"name": n, "datatype": self._kinds[n], "shape": [-1, *self._widths[n]]} for n in self.outputs]

    def reply(self, request_id: str | None, outputs: Mapping[str, bool], answers: Answers) -> Reply:
        """Return a reply.

        Args:
            request_id: the request's, which comes back.
            outputs: what is wanted, as wanted() returns it.
            answers: what is told; a classifier's have probabilities if they are wanted.
        """
        told, tensors, n_rows = [], [], len(answers)
        for name, is_binary in outputs.items():
            if is_binary:
                tensors.append(self._bytes(name, answers))
                told.append(self._in_bytes[name] % (n_rows, len(tensors[-1])))
            else:
                told.append(self._in_json[name] % (n_rows, _json(name, answers)))
        begin = self._begin if request_id is None else b'%b,"id":%b' % (self._begin, encode(request_id))
        head = b'%b,"outputs":[%b]}' % (begin, b",".join(told))
        if not tensors:
            return Reply(head)
        return Reply(b"".join([head, *tensors]), OCTETS, ((LENGTH_HEADER, b"%d" % len(head)),))

    def _bytes(self, name: str, answers: Any) -> bytes | memoryview:
        """Return an output as little-endian numbers; of text, each with its length before it."""
        kind = self._kinds[name]
        if kind == "BYTES":
            texts = [str(label).encode() for label in answers.predictions()]
            return b"".join([len(text).to_bytes(4, "little") + text for text in texts])
        values = answers.prediction_array() if name == "predict" else answers.probability_array()
        return np.ascontiguousarray(values, _BINARY[kind]).data.cast("B")  # copied only into the reply


def _json(name: str, answers: Any) -> bytes:
    """Return an output's values as JSON has them: flat."""
    if name == "predict":
        return encode(answers.predictions())
    shares = answers.probability_array()
    if isinstance(shares, list):
        return encode(shares)[1:-1].replace(b"],[", b",")
    return encode(shares.ravel().tolist())
