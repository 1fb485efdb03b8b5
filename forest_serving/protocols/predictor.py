"""What a protocol asks of a model, and an endpoint that does so."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, TypeVar
from typing import Protocol as Interface

import msgspec

from forest_serving import __version__
from forest_serving.card import Card, Label, Value
from forest_serving.errors import MalformedJson
from forest_serving.protocols.endpoint import Doc, Endpoint, EventualReply, Headers, Intake, Reply
from forest_serving.rows.json_constants import explained
from forest_serving.rows.numbers import Rows
from forest_serving.rows.pieces import PIECE_BYTES, Reading, at_once
from forest_serving.rows.reader import RowReader
from forest_serving.rows.tensors import max_tensor_bytes
from forest_serving.settings import Settings

_Result = TypeVar("_Result")


class Answers(Interface):
    """The answers to some rows; models.answers says what each method returns."""

    @property
    def results(self) -> Any: ...  # noqa: D102

    def __len__(self) -> int: ...

    def predictions(self) -> Sequence[Label]: ...  # noqa: D102

    def predictions_json(self) -> bytes: ...  # noqa: D102

    def prediction_array(self) -> Any: ...  # noqa: D102

    def part(self, start: int, stop: int) -> "Answers": ...  # noqa: D102


class ClassAnswers(Answers, Interface):
    """A classifier's answers."""

    @property
    def turn_rows(self) -> int: ...  # noqa: D102

    def names(self) -> list[str]: ...  # noqa: D102

    def names_json(self) -> bytes: ...  # noqa: D102

    def probability_array(self) -> Any: ...  # noqa: D102

    def probabilities_json(self) -> bytes: ...  # noqa: D102


class Predictor(Interface):
    """What answers rows; models.loaded_model.LoadedModel says what each method returns."""

    @property
    def card(self) -> Card: ...  # noqa: D102

    @property
    def version(self) -> str: ...  # noqa: D102

    def answer(self, rows: Rows, with_probabilities: bool = False) -> Answers: ...  # noqa: D102

    def is_quick(self, rows: Rows) -> bool: ...  # noqa: D102

    async def answer_in_turns(self, rows: Rows, with_probabilities: bool = False) -> Answers: ...  # noqa: D102

    def describe(self) -> dict[str, Any]: ...  # noqa: D102


class Context(NamedTuple):
    """What a protocol is made for.

    Attributes:
        model: what answers.
        rows: what reads its rows.
        settings: the settings in force.
    """

    model: Predictor
    rows: RowReader
    settings: Settings

    @property
    def card(self) -> Card:
        """The model's card."""
        return self.model.card

    @property
    def example(self) -> list[list[Value]]:
        """One row that works."""
        return [list(self.model.card.example)]

    @property
    def json_intake(self) -> Intake:
        """Bodies of JSON."""
        return Intake(self.settings.max_body_bytes)

    def tensor_intake(self, n_bytes: int, media_types: frozenset[bytes | None], sentence: str) -> Intake:
        """Return bodies of text, or of tensors whose rows have so many bytes; see Intake."""
        of_text = f"of text {self.settings.max_body_bytes:,}, FOREST_MAX_BODY_BYTES"
        variables = f"FOREST_MAX_TENSOR_ROWS; {of_text}"
        return Intake(max_tensor_bytes(self.settings, n_bytes), media_types, sentence, variables)

    @property
    def software_version(self) -> str:
        """The version of this software."""
        return __version__


Writing = Generator[None, None, Reply]  # of a long reply; yields about once in a millisecond


class Question(msgspec.Struct):
    """A request that was understood.

    Attributes:
        rows: what to answer.
        encode: from the answers to a reply: Answers, or ClassAnswers for a protocol that asks a classifier.
        with_probabilities: whether encode needs them.
    """

    rows: Rows
    encode: Callable[[Any], Reply | Writing]
    with_probabilities: bool = False


Understanding = Generator[None, None, Question]  # of a long body; yields about once in a millisecond
Decode = Callable[[Headers, bytes], Question | Understanding]


def understood(body: bytes, reading: Reading, ask: Callable[[Rows], Question]) -> Question | Understanding:
    """Return the question that is asked about a body's rows; a long body is read so that others have their turn."""
    return ask(at_once(reading)) if len(body) <= PIECE_BYTES else _understand(reading, ask)


def _understand(reading: Reading, ask: Callable[[Rows], Question]) -> Understanding:
    rows = yield from reading
    return ask(rows)


def _all_of(headers: Headers, body: bytes) -> bytes:
    return body


def predicting(
    context: Context,
    decode: Decode,
    intake: Intake,
    doc: Doc,
    json_in: Callable[[Headers, bytes], bytes] = _all_of,
    **options: Any,
) -> Endpoint:
    """Return an endpoint that answers the rows in a body.

    Args:
        context: what answers, and what reads.
        decode: reads headers and body; raises RequestError.
        intake: which bodies.
        doc: for OpenAPI.
        json_in: from headers and body to the part that is JSON, once decode finds that it is malformed.
        options: further fields of the endpoint.
    """
    model, columns = context.model, context.rows.columns

    def respond(headers: Headers, body: bytes) -> EventualReply:
        try:
            question = decode(headers, body)
        except MalformedJson as error:
            raise explained(error, json_in(headers, body), columns) from None
        return answer(question) if isinstance(question, Question) else understand(question, headers, body)

    def answer(question: Question) -> EventualReply:
        if not model.is_quick(question.rows):
            return respond_in_turns(question)
        return _told(question, model.answer(question.rows, question.with_probabilities))

    async def understand(understanding: Understanding, headers: Headers, body: bytes) -> Reply:
        try:
            question = await _in_turns(understanding)
        except MalformedJson as error:
            raise explained(error, json_in(headers, body), columns) from None
        reply = answer(question)
        return reply if isinstance(reply, Reply) else await reply

    async def respond_in_turns(question: Question) -> Reply:
        reply = _told(question, await model.answer_in_turns(question.rows, question.with_probabilities))
        return reply if isinstance(reply, Reply) else await reply

    return Endpoint(respond, intake=intake, doc=doc, predicts=True, **options)


async def _in_turns(steps: Generator[None, None, _Result]) -> _Result:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
        await asyncio.sleep(0)


def _told(question: Question, answers: Answers) -> EventualReply:
    reply = question.encode(answers)
    asked = question.rows, answers.results
    if not isinstance(reply, Reply):
        return _tell_in_turns(reply, asked)
    reply.asked = asked
    return reply


async def _tell_in_turns(writing: Writing, asked: tuple[Rows, Any]) -> Reply:
    reply = await _in_turns(writing)
    reply.asked = asked
    return reply
