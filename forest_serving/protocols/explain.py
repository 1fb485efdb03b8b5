"""Why the model answers rows as it does: {"instances": rows} in, what each feature contributes out."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from forest_serving.errors import InvalidInstances
from forest_serving.protocols import by_id
from forest_serving.protocols.endpoint import Doc, Endpoint, Headers, Protocol, Reply, encode, query_values
from forest_serving.protocols.instances_field import FIELD, decoder, rows_decoder
from forest_serving.protocols.loaded_first import loaded_first
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Answers, Context, Explainer, Explanations, Question, Sought, Writing
from forest_serving.protocols.schemas import INSTANCES, any_of
from forest_serving.rows.json_body import text_of
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.turns import at_once

NAME = "Explanations"
_PART_ROWS = 50  # whose explanations take about a millisecond to write
_QUICK_ROWS = 5  # whose counterfactuals take about a millisecond to be asked for, where no table has them
_FIELDS = ("predictions", "explanations")
_WISH = "counterfactuals"
_PARAMETER: Schema = {
    "name": _WISH,
    "in": "query",
    "description": "With false, the nearest values that change the class are not looked for, which saves most of the"
    " time of a large forest.",
    "schema": {"enum": ["true", "false"], "default": "true"},
}


def protocol(context: Context) -> Protocol:
    """Return the path of explanations; none where the model was saved without what they need: see routing.py."""
    return Protocol(NAME, {"POST /explain": _explaining(context, context.explainer)} if context.explainer else {})


def _explaining(context: Context, explainer: Explainer) -> Endpoint:
    rows_of, write = rows_decoder(context.rows, text_of({FIELD: context.example})), _Writer(context, explainer).write

    def reader(with_counterfactuals: bool) -> Callable[[Headers, bytes], Any]:
        def ask(rows: Rows) -> Question:
            return Question(rows, lambda answers: write(rows, answers, with_counterfactuals))

        return decoder(context, rows_of, ask, _FIELDS)

    read = {wish: reader(wish) for wish in (True, False)}

    def decode(headers: Headers, body: bytes) -> Question | Sought:
        found: Question | Sought = read[wants_counterfactuals(headers)](headers, body)
        return found

    return loaded_first(predicting(context, decode, context.json_intake, _doc(context, explainer)), explainer)


def wants_counterfactuals(headers: Headers) -> bool:
    """Return whether the nearest values that change the class are asked for, as they are by default.

    Raises:
        InvalidInstances: if the query says neither true nor false.
    """
    asked = query_values(headers, _WISH)
    if asked not in ([], [b"true"], [b"false"]):
        raise InvalidInstances(f'The parameter "{_WISH}" must be true or false, as in ?{_WISH}=false.')
    return asked != [b"false"]


class _Writer:
    """Writes replies."""

    def __init__(self, context: Context, explainer: Explainer) -> None:
        self._explainer, card = explainer, context.card
        self._names, self._labels = [feature.name for feature in card.features], card.labels

    def write(self, rows: Rows, answers: Answers, with_counterfactuals: bool) -> Reply | Writing:
        """Return the reply, or what writes a long one."""
        writing = self._written(rows, answers, with_counterfactuals)
        return at_once(writing) if len(rows) <= _QUICK_ROWS and self._explainer.is_quick(len(rows)) else writing

    def _written(self, rows: Rows, answers: Answers, with_counterfactuals: bool) -> Writing:
        parts: list[bytes] = []
        for start in range(0, len(rows), _PART_ROWS):
            some = rows[start : start + _PART_ROWS]
            found = yield from self._explainer.explain_in_turns(some, with_counterfactuals)
            parts.append(self._encoded(found))
            yield
        told = answers.predictions_json(), b",".join(parts), encode(self._explainer.explains)
        return Reply(b'{"predictions":%b,"explanations":[%b],"explains":%b}' % told)

    def _encoded(self, found: Explanations) -> bytes:
        """Return explanations as JSON, with commas between them; a regressor has a number in place of each list."""
        base, contributions = found.base, found.contributions
        if not self._labels:
            base, contributions = base[0], contributions[:, :, 0]
        told_base, rows = msgspec.Raw(encode(base.tolist())), contributions.tolist()
        return encode(
            [
                {
                    "base": told_base,
                    "contributions": dict(zip(self._names, row, strict=True)),
                    "counterfactuals": list(map(self._told, nearest)),
                }
                for row, nearest in zip(rows, found.counterfactuals, strict=True)
            ]
        )[1:-1]

    def _told(self, counterfactual: Sequence[Any]) -> dict[str, Any]:
        feature, value, position = counterfactual
        return {"feature": self._names[feature], "value": value, "prediction": self._labels[position]}


def _doc(context: Context, explainer: Explainer) -> Doc:
    """Return what OpenAPI says; an example of the reply only where that is quick to make."""
    example = {FIELD: context.example}
    schema = object_schema({FIELD: INSTANCES})
    statuses: tuple[int, ...] = ()
    parameters: tuple[Schema, ...] = (_PARAMETER,)
    if context.features is not None:
        schema, statuses = any_of(schema, by_id.SCHEMA), by_id.STATUSES
        parameters = (*parameters, by_id.MISSING_PARAMETER)
    return Doc(
        "Why each row is answered so: what each feature contributes, and the nearest values that change the class",
        {"application/json": example},
        schema | {"example": example},
        reply="Explanations",
        statuses=statuses,
        parameters=parameters,
        shows_reply=explainer.is_loaded and explainer.is_quick(1),
    )
