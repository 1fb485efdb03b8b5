"""Explanations in the Open Inference Protocol: the outputs of a model of its own, in JSON or in bytes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from forest_serving.protocols.endpoint import Endpoint, Reply, encode
from forest_serving.protocols.loaded_first import loaded_first
from forest_serving.protocols.output_tensors import LENGTH_HEADER, OCTETS
from forest_serving.protocols.predictor import Context, Explainer, Question, Writing
from forest_serving.protocols.wanted_outputs import Outputs, Wish, wanted
from forest_serving.rows.numbers import Rows
from forest_serving.turns import at_once

SUFFIX = "-explain"
_PART_ROWS = 50  # as in explain.py


class ExplanationEncoder:
    """Writes replies.

    Args:
        context: the model.
        explainer: what explains its answers.

    Attributes:
        name: of the model that explanations are the outputs of.
        outputs: the names of what there is to ask for.
    """

    about = "What each feature contributes to the answer"
    outputs = ("base", "contributions")

    def __init__(self, context: Context, explainer: Explainer) -> None:
        self._explainer, card = explainer, context.card
        self.name, self._version = f"{card.name}{SUFFIX}", context.model.version
        each = [explainer.n_outputs] if card.is_classifier else []
        self._shapes = {"base": each, "contributions": [len(card.features), *each]}

    @property
    def is_quick(self) -> bool:
        """Whether one row is explained at once."""
        return self._explainer.is_loaded and self._explainer.is_quick(1)

    def prepared(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint whose first request waits until explanations are ready."""
        return loaded_first(endpoint, self._explainer)

    def described(self) -> list[dict[str, Any]]:
        """Return the metadata of the outputs."""
        return [{"name": n, "datatype": "FP64", "shape": [-1, *self._shapes[n]]} for n in self.outputs]

    def wish(self, outputs: Outputs, parameters: Mapping[str, Any] | None) -> Wish:
        """Return what a request wants; see wanted."""
        are_bytes = wanted(outputs, parameters, self.outputs)
        return Wish(are_bytes, any(are_bytes.values()), has_probabilities=False, of_one=b"")

    def ask(self, rows: Rows, request_id: str | None, wish: Wish) -> Question:
        """Return the question whose reply has what a request wants."""
        return Question(rows, self._teller(rows, request_id, wish))

    def _teller(self, rows: Rows, request_id: str | None, wish: Wish) -> Callable[[Any], Reply | Writing]:
        def tell(answers: Any) -> Reply | Writing:
            writing = self._write(rows, request_id, wish)
            return at_once(writing) if len(rows) <= _PART_ROWS and self._explainer.is_quick(len(rows)) else writing

        return tell

    def _write(self, rows: Rows, request_id: str | None, wish: Wish) -> Writing:
        parts: dict[str, list[Any]] = {name: [] for name in wish.are_bytes}
        for start in range(0, len(rows), _PART_ROWS):
            some = rows[start : start + _PART_ROWS]
            found = yield from self._explainer.explain_in_turns(some, with_counterfactuals=False)
            tensors = {"base": np.tile(found.base, len(some)), "contributions": found.contributions.ravel()}
            for name, is_binary in wish.are_bytes.items():
                parts[name].append(tensors[name].tobytes() if is_binary else encode(tensors[name].tolist())[1:-1])
            yield
        head = {"model_name": self.name, "model_version": self._version}
        begin = encode(head | ({} if request_id is None else {"id": request_id}))[:-1]
        outputs = b",".join(self._output(name, len(rows), parts[name], wish) for name in wish.are_bytes)
        head_text = b'%b,"outputs":[%b]}' % (begin, outputs)
        tensors_bytes = b"".join(
            part for name, is_binary in wish.are_bytes.items() if is_binary for part in parts[name]
        )
        if not tensors_bytes:
            return Reply(head_text)
        return Reply(head_text + tensors_bytes, OCTETS, ((LENGTH_HEADER, b"%d" % len(head_text)),))

    def _output(self, name: str, n_rows: int, parts: list[bytes], wish: Wish) -> bytes:
        about = encode({"name": name, "datatype": "FP64", "shape": [n_rows, *self._shapes[name]]})[:-1]
        if wish.are_bytes[name]:
            return b'%b,"parameters":{"binary_data_size":%d}}' % (about, sum(map(len, parts)))
        return b'%b,"data":[%b]}' % (about, b",".join(parts))
