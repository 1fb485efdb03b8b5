"""An endpoint that answers the rows in a body."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from forest_serving.errors import MalformedJson
from forest_serving.protocols.endpoint import Doc, Endpoint, EventualReply, Headers, Intake, Reply
from forest_serving.protocols.predictor import Answers, Context, Decode, Question, Understanding, Writing
from forest_serving.rows.json_constants import explained
from forest_serving.rows.numbers import Rows

_Result = TypeVar("_Result")


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
