"""An endpoint that answers the rows in a body, or those that are stored under the ids in it."""

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from time import perf_counter
from typing import Any

from forest_serving.errors import MalformedJson
from forest_serving.protocols.by_id import no_features, question_of
from forest_serving.protocols.endpoint import Doc, Endpoint, EventualReply, Headers, Intake, Reply
from forest_serving.protocols.predictor import Answers, Context, Decode, Question, Sought, Understanding, Writing
from forest_serving.rows.json_constants import explained
from forest_serving.rows.numbers import Rows
from forest_serving.stages import Marks, MarksById, close, failed
from forest_serving.turns import in_turns


def _all_of(headers: Headers, body: bytes) -> bytes:
    return body


def predicting(
    context: Context,
    decode: Decode,
    intake: Intake | None,
    doc: Doc,
    json_in: Callable[[Headers, bytes], bytes] = _all_of,
    **options: Any,
) -> Endpoint:
    """Return an endpoint that answers the rows in a body.

    Args:
        context: what answers, and what reads.
        decode: reads headers and body; raises RequestError.
        intake: which bodies; None if there is none.
        doc: for OpenAPI.
        json_in: from headers and body to the part that is JSON, once decode finds that it is malformed.
        options: further fields of the endpoint.
    """
    respond = _Answering(context, decode, json_in).respond
    return Endpoint(respond, intake=intake, doc=doc, predicts=True, **options)


def _marked(step: Callable[..., Coroutine[Any, Any, Reply]]) -> Callable[..., Coroutine[Any, Any, Reply]]:
    """Return a method that waits, and whose errors take the marks along."""

    @wraps(step)
    async def marked(self: "_Answering", marks: Marks, *args: Any) -> Reply:
        try:
            return await step(self, marks, *args)
        except Exception as error:
            raise failed(error, marks)  # noqa: B904 - it is the same error

    return marked


class _Answering:
    """One endpoint's way from a body to a reply, with a mark after each stage; it waits only where it must."""

    def __init__(self, context: Context, decode: Decode, json_in: Callable[[Headers, bytes], bytes]) -> None:
        self.context = context
        self.model = context.model
        self.decode = decode
        self.json_in = json_in
        self.find = context.features.find if context.features else no_features

    def respond(self, headers: Headers, body: bytes) -> EventualReply:
        marks = [perf_counter()]
        try:
            question = self.decode(headers, body)
            if isinstance(question, Question):
                marks.append(perf_counter())
                return self.answer(marks, question)
            if isinstance(question, Sought):
                marks = MarksById(marks)
                return self.seek(marks, question)
            return self.understand(marks, question, headers, body)
        except MalformedJson as error:
            raise failed(self.explained(error, headers, body), marks) from None
        except Exception as error:
            raise failed(error, marks)  # noqa: B904 - it is the same error

    def explained(self, error: MalformedJson, headers: Headers, body: bytes) -> Exception:
        return explained(error, self.json_in(headers, body), self.context.rows.columns)

    def answer(self, marks: Marks, question: Question) -> EventualReply:
        if not self.model.is_quick(question.rows):
            return self.answer_in_turns(marks, question)
        return self.tell(marks, question, self.model.answer(question.rows, question.with_probabilities))

    @_marked
    async def answer_in_turns(self, marks: Marks, question: Question) -> Reply:
        answers = await self.model.answer_in_turns(question.rows, question.with_probabilities)
        return await _here(self.tell(marks, question, answers))

    @_marked
    async def understand(self, marks: Marks, understanding: Understanding, headers: Headers, body: bytes) -> Reply:
        try:
            question = await in_turns(understanding)
        except MalformedJson as error:
            raise self.explained(error, headers, body) from None
        marks.append(perf_counter())
        return await _here(self.answer(marks, question))

    def seek(self, marks: Marks, sought: Sought) -> EventualReply:
        marks.append(perf_counter())
        found = self.find(sought.ids)
        return self.found(marks, sought, found) if isinstance(found, list) else self.wait(marks, sought, found)

    @_marked
    async def wait(self, marks: Marks, sought: Sought, finding: Coroutine[Any, Any, list[bytes | None]]) -> Reply:
        return await _here(self.found(marks, sought, await finding))

    def found(self, marks: Marks, sought: Sought, records: Sequence[bytes | None]) -> EventualReply:
        marks.append(perf_counter())
        question = question_of(self.context, sought, records)
        if isinstance(question, Question):
            marks.append(perf_counter())
            return self.answer(marks, question)
        if not isinstance(question, Reply):
            return self.understand(marks, question, {}, b"")
        question.marks = close(marks)
        return question

    def tell(self, marks: Marks, question: Question, answers: Answers) -> EventualReply:
        marks.append(perf_counter())
        reply = question.encode(answers)
        asked = question.rows, answers.results
        if not isinstance(reply, Reply):
            return self.tell_in_turns(marks, reply, asked)
        marks.append(perf_counter())
        reply.asked, reply.marks = asked, marks
        return reply

    @_marked
    async def tell_in_turns(self, marks: Marks, writing: Writing, asked: tuple[Rows, Any]) -> Reply:
        reply = await in_turns(writing)
        reply.asked, reply.marks = asked, close(marks)
        return reply


async def _here(reply: EventualReply) -> Reply:
    return reply if isinstance(reply, Reply) else await reply
