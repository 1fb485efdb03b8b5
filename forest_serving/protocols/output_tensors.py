"""The outputs of the Open Inference Protocol: tensors in JSON or in bytes."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import methodcaller
from typing import Any

import numpy as np

from forest_serving.card import Card
from forest_serving.protocols.endpoint import Endpoint, Reply, encode
from forest_serving.protocols.labels import kind_of
from forest_serving.protocols.predictor import ClassAnswers, Question, Writing
from forest_serving.protocols.replies import PART_ROWS, Parts, parts_of, predictions_inside
from forest_serving.protocols.wanted_outputs import Outputs, Wish, wanted
from forest_serving.rows.numbers import Rows
from forest_serving.turns import at_once

OCTETS = b"application/octet-stream"
LENGTH_HEADER = b"inference-header-content-length"
_TEXTS_OF_ONE = {"predict": methodcaller("predictions_json"), "predict_proba": methodcaller("probabilities_json")}
_BINARY = {"INT64": "<i8", "FP64": "<f8", "BOOL": "?"}


class OutputEncoder:
    """Writes replies.

    Args:
        card: the model's.
        version: the model's.

    Attributes:
        name: the model's.
        outputs: the names of what there is to ask for: a regressor has no probabilities.
    """

    about = "Outputs"
    is_quick = True

    def __init__(self, card: Card, version: str) -> None:
        self.name = card.name
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

    def wish(self, outputs: Outputs, parameters: Mapping[str, Any] | None) -> Wish:
        """Return what a request wants; see wanted."""
        are_bytes = wanted(outputs, parameters, self.outputs)
        has_bytes, outputs_of_one = any(are_bytes.values()), [self._in_json[name] % (1, b"%b") for name in are_bytes]
        of_one = b'%b%%b,"outputs":[%b]}' % (self._begin.replace(b"%", b"%%"), b",".join(outputs_of_one))
        wish = Wish(are_bytes, has_bytes, "predict_proba" in are_bytes, b"" if has_bytes else of_one)
        if len(are_bytes) == 1 and not has_bytes:
            wish.tell = self._teller(wish)
        return wish

    def ask(self, rows: Rows, request_id: str | None, wish: Wish) -> Question:
        """Return the question whose reply has what a request wants."""
        tell = wish.tell if request_id is None and wish.tell else partial(self.reply, request_id, wish)
        return Question(rows, tell, wish.has_probabilities)

    def prepared(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that can answer: it is ready as it is."""
        return endpoint

    def _teller(self, wish: Wish) -> Callable[[Any], Reply | Writing]:
        """Return Wish.tell."""
        before, after = (wish.of_one % (b"", b"\n")).split(b"\n")
        (text,) = (_TEXTS_OF_ONE[name] for name in wish.are_bytes)

        def tell(answers: Any) -> Reply | Writing:
            if len(answers) != 1:
                return self.reply(None, wish, answers)
            return Reply(before + text(answers) + after)

        return tell

    def reply(self, request_id: str | None, wish: Wish, answers: Any) -> Reply | Writing:
        """Return a reply, or what writes a long one.

        Args:
            request_id: the request's, which comes back.
            wish: what the request wants.
            answers: what is told; a classifier's have probabilities if they are wanted.
        """
        id_text = b"" if request_id is None else b',"id":%b' % encode(request_id)
        if len(answers) == 1 and wish.of_one:
            return Reply(wish.of_one % (id_text, *[_TEXTS_OF_ONE[name](answers) for name in wish.are_bytes]))
        writing = self._write(self._begin + id_text, wish.are_bytes, answers)
        n_rows = answers.turn_rows if wish.has_probabilities else PART_ROWS
        return writing if len(answers) > n_rows else at_once(writing)

    def _write(self, begin: bytes, outputs: Mapping[str, bool], answers: Any) -> Writing:
        pieces, tensors, n_rows = [begin], [], len(answers)  # joined once, as each may be long
        for name, is_binary in outputs.items():
            pieces.append(b"," if len(pieces) > 1 else b',"outputs":[')
            if is_binary:
                parts = yield from self._parts(name, answers, partial(self._bytes, name), b"")
                pieces.append(self._in_bytes[name] % (n_rows, sum(map(len, parts))))
                tensors += parts
            else:
                before, after = (self._in_json[name] % (n_rows, b"\n")).split(b"\n")
                parts = yield from self._parts(name, answers, _TEXTS[name], b",")
                pieces += [before, b"[", *parts, b"]", after]
        head = b"".join([*pieces, b"]}"])
        if not tensors:
            return Reply(head)
        return Reply(b"".join([head, *tensors]), OCTETS, ((LENGTH_HEADER, b"%d" % len(head)),))

    def _parts(self, name: str, answers: Any, write: Callable[[Any], Any], between: bytes) -> Parts:
        return parts_of(answers, write, PART_ROWS if name == "predict" else answers.turn_rows, between)

    def _bytes(self, name: str, answers: Any) -> bytes | memoryview:
        """Return an output as little-endian numbers; of text, each with its length before it."""
        kind = self._kinds[name]
        if kind == "BYTES":
            labels = answers.predictions()
            texts = {label: str(label).encode() for label in set(labels)}
            lengthy = {label: len(text).to_bytes(4, "little") + text for label, text in texts.items()}
            return b"".join(map(lengthy.__getitem__, labels))
        values = answers.prediction_array() if name == "predict" else answers.probability_array()
        return np.ascontiguousarray(values, _BINARY[kind]).data.cast("B")  # copied only into the reply


def _flat(answers: ClassAnswers) -> bytes:
    """Return probabilities as JSON, row after row, with commas between them."""
    return answers.probabilities_json()[1:-1].replace(b"],[", b",")


_TEXTS: dict[str, Callable[[Any], bytes]] = {"predict": predictions_inside, "predict_proba": _flat}
