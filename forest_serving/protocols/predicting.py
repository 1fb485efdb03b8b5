"""An endpoint that answers the rows in a body, or those that are stored under the ids in it."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any, TypeVar

from forest_serving.errors import MalformedJson
from forest_serving.protocols.by_id import no_features, question_of
from forest_serving.protocols.endpoint import Doc, Endpoint, EventualReply, Headers, Intake, Reply
from forest_serving.protocols.predictor import Answers, Context, Decode, Question, Sought, Understanding, Writing
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
    respond = _Answering(context, decode, json_in).respond
    return Endpoint(respond, intake=intake, doc=doc, predicts=True, **options)


class _Answering:
    """One endpoint's way from a body to a reply; it waits only where it must."""

    def __init__(self, context: Context, decode: Decode, json_in: Callable[[Headers, bytes], bytes]) -> None:
        self.context = context
        self.model = context.model
        self.decode = decode
        self.json_in = json_in
        self.find = context.features.find if context.features else no_features

    def respond(self, headers: Headers, body: bytes) -> EventualReply:
        try:
            question = self.decode(headers, body)
        except MalformedJson as error:
            raise explained(error, self.json_in(headers, body), self.context.rows.columns) from None
        if isinstance(question, Question):
            return self.answer(question)
        return self.seek(question) if isinstance(question, Sought) else self.understand(question, headers, body)

    def answer(self, question: Question) -> EventualReply:
        if not self.model.is_quick(question.rows):
            return self.answer_in_turns(question)
        return _told(question, self.model.answer(question.rows, question.with_probabilities))

    async def answer_in_turns(self, question: Question) -> Reply:
        reply = _told(question, await self.model.answer_in_turns(question.rows, question.with_probabilities))
        return reply if isinstance(reply, Reply) else await reply

    async def understand(self, understanding: Understanding, headers: Headers, body: bytes) -> Reply:
        try:
            question = await _in_turns(understanding)
        except MalformedJson as error:
            raise explained(error, self.json_in(headers, body), self.context.rows.columns) from None
        reply = self.answer(question)
        return reply if isinstance(reply, Reply) else await reply

    def seek(self, sought: Sought) -> EventualReply:
        found = self.find(sought.ids)
        return self.found(sought, found) if isinstance(found, list) else self.seek_and_wait(sought, found)

    async def seek_and_wait(self, sought: Sought, finding: Coroutine[Any, Any, list[bytes | None]]) -> Reply:
        reply = self.found(sought, await finding)
        return reply if isinstance(reply, Reply) else await reply

    def found(self, sought: Sought, records: Sequence[bytes | None]) -> EventualReply:
        question = question_of(self.context, sought, records)
        if isinstance(question, Question):
            return self.answer(question)
        return question if isinstance(question, Reply) else self.understand(question, {}, b"")


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
