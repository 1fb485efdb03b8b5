"""POST /ui/rows: rows of a table, each answered, or refused, by itself."""

from collections.abc import Generator, Sequence
from typing import Any

import msgspec

from forest_serving.card import Card
from forest_serving.protocols.endpoint import Doc, Endpoint, Headers, Reply, encode
from forest_serving.protocols.instances_field import FIELD, instances_in
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Answers, Context, Question, Understanding, Writing
from forest_serving.rows.json_body import JSON_ERRORS, read_value, text_of
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.rows_apart import RowsApart
from forest_serving.turns import at_once

_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_TURN_VALUES = 5_000  # predictions and probabilities, which take about a millisecond to write


def answered_rows(context: Context) -> Endpoint:
    """Return what answers each row that is good, and says of each other one what is wrong with it."""
    table = _Table(context)
    return predicting(context, table.decode, context.json_intake, _doc(context))


class _Table:
    """Reads requests and writes replies."""

    def __init__(self, context: Context) -> None:
        self._rows, self._is_classifier = context.rows, context.card.is_classifier
        self._example = text_of({FIELD: context.example})
        self._read_few = context.rows.few.field_reader(FIELD)
        self._n_turn = max(1, _TURN_VALUES // (len(context.card.classes) + 3))

    def decode(self, headers: Headers, body: bytes) -> Question | Understanding:
        """Return the question about rows that are surely all good, or look at one after the other."""
        rows = self._read_few(body)
        if rows is None:
            rows = self._rows.arrays.read_request(body, self._rows.max_rows)
        return self._understand(body) if rows is None else self._question(rows, [""] * len(rows))

    def _understand(self, body: bytes) -> Understanding:
        self._rows.size_limit.check(body)
        content = instances_in(body, self._example)
        yield
        apart = yield from RowsApart(self._rows.columns, self._example).read(self._listed(content))
        return self._question(apart.rows, apart.faults)

    def _listed(self, content: bytes) -> list[bytes]:
        """Return the texts of what should be rows; raise RequestError if there are none, or too many."""
        try:
            found: list[Any] = _decode_list(content)
        except JSON_ERRORS:
            found = []
        if not found:
            self._rows.instances.read(read_value(content, self._example), FIELD)  # which refuses it
        self._rows.json.check_number(found)
        return found

    def _question(self, rows: Any, faults: Sequence[str]) -> Question:
        return Question(rows, lambda answers: self._reply(answers, faults), self._is_classifier)

    def _reply(self, answers: Answers, faults: Sequence[str]) -> Reply | Writing:
        writing = self._written(answers, faults)
        return at_once(writing) if len(faults) <= self._n_turn else writing

    def _written(self, answers: Answers, faults: Sequence[str]) -> Generator[None, None, Reply]:
        parts, n_told = [], 0
        for start in range(0, len(faults), self._n_turn):
            some = faults[start : start + self._n_turn]
            told = iter(self._told(answers.part(n_told, n_told := n_told + some.count(""))))
            parts.append(encode([{"error": fault} if fault else next(told) for fault in some])[1:-1])
            yield
        return Reply(b'{"rows":[%b]}' % b",".join(parts))

    def _told(self, answers: Any) -> list[dict[str, Any]]:
        if not self._is_classifier:
            return [{"prediction": number} for number in answers.predictions()]
        shares = answers.probability_array()
        pairs = zip(answers.predictions(), shares if isinstance(shares, list) else shares.tolist(), strict=True)
        return [{"prediction": label, "probabilities": of_classes} for label, of_classes in pairs]


def _doc(context: Context) -> Doc:
    example = {FIELD: context.example}
    rows: Schema = {
        "type": "array",
        "minItems": 1,
        "description": "As for /predict. What is no row gets an error in its place.",
    }
    return Doc(
        "Answer to each row, or what is wrong with it: one bad row costs only itself",
        {"application/json": example},
        object_schema({FIELD: rows}) | {"example": example},
        reply_schema=object_schema({"rows": {"type": "array", "items": _row_schema(context.card)}}),
    )


def _row_schema(card: Card) -> Schema:
    answer: dict[str, Schema] = {"prediction": {"type": "number"}}
    if card.is_classifier:
        answer = {"prediction": {"enum": card.labels}}
        answer["probabilities"] = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}}
    return {"anyOf": [object_schema(answer), object_schema({"error": {"type": "string"}})]}
