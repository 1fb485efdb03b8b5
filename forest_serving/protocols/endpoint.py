"""What answers a path: the words in which protocols, routes, the gateway and OpenAPI speak to one another."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal, NamedTuple

from forest_serving.errors import Loc

Headers = Mapping[bytes, bytes]
Refuse = Callable[[int, str, Loc], bytes]  # status, sentence, place in the body → an error's body
Probe = Literal["", "open", "ready"]

JSON = b"application/json"
# curl's own default is a form; no header at all is what some platforms send. Both mean JSON here.
JSON_KINDS = frozenset({JSON, b"application/x-www-form-urlencoded", b"", None})


class Answer(NamedTuple):
    """A reply whose form depends on the request."""

    media_type: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


EventualAnswer = Answer | Coroutine[Any, Any, Answer]  # the latter if it leaves others their turn in between


class Intake(NamedTuple):
    """Which bodies are read.

    Attributes:
        max_bytes: the longest.
        media_types: those that Content-Type may name, None standing for its absence.
        sentence: what to send, for whoever sent something else.
    """

    max_bytes: int
    media_types: frozenset[bytes | None] = JSON_KINDS
    sentence: str = "The body must be JSON; send the header Content-Type: application/json."


class Doc(NamedTuple):
    """What OpenAPI says about an endpoint.

    Attributes:
        summary: one line.
        examples: for each media type of the request's body, one that works.
        schema: of a body that is JSON.
        reply: the name of the reply's schema in OpenAPI, if it has one.
        other_replies: media types that the reply can have besides JSON.
        needs_body: whether a request without a body is refused.
    """

    summary: str
    examples: Mapping[str, Any] = {}
    schema: Mapping[str, Any] = {}
    reply: str = ""
    other_replies: tuple[str, ...] = ()
    needs_body: bool = True


class Endpoint(NamedTuple):
    """What answers a path and method. Its functions raise RequestError.

    Attributes:
        answer: from a body's bytes to a reply's.
        media_type: the reply's.
        intake: which bodies to read; None if answer gets b"".
        converse: in place of answer and media_type, from headers and body to a reply; it heeds Accept itself.
        probe: "open" if no key is needed, "ready" if it also refuses once the server is about to stop.
        doc: for OpenAPI; None leaves it out.
    """

    answer: Callable[[bytes], bytes]
    media_type: bytes = JSON
    intake: Intake | None = None
    converse: Callable[[Headers, bytes], EventualAnswer] | None = None
    probe: Probe = ""
    doc: Doc | None = None


Routes = Mapping[str, Mapping[str, Endpoint]]  # path → method → endpoint


class Dialect(NamedTuple):
    """How errors are told at a path and below it.

    Attributes:
        refuse: makes an error's body.
        missing: what a 404 says.
    """

    refuse: Refuse
    missing: str


Dialects = Mapping[str, Dialect]  # the beginning of a path → its dialect; "" is that of all others


def dialect_of(dialects: Dialects, path: str) -> Dialect:
    """Return the dialect of a path; a beginning counts only where a segment of the path ends."""
    for start, dialect in dialects.items():
        if path == start or (path.startswith((f"{start}/", f"{start}:")) and start):
            return dialect
    return dialects[""]


def posted(answer: Callable[[bytes], bytes], intake: Intake, doc: Doc) -> Endpoint:
    """Return an endpoint that reads a body and answers with JSON."""
    return Endpoint(answer, intake=intake, doc=doc)


def conversing(converse: Callable[[Headers, bytes], EventualAnswer], intake: Intake, doc: Doc) -> Endpoint:
    """Return an endpoint that reads headers and body, and whose reply has several forms."""
    return Endpoint(lambda body: settled(converse({}, body)).body, intake=intake, converse=converse, doc=doc)


def settled(reply: EventualAnswer) -> Answer:
    """Return the answer to few rows, which leaves nobody a turn."""
    if isinstance(reply, Answer):
        return reply
    try:
        reply.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    raise RuntimeError("the answer takes turns")


def page(content: bytes, doc: Doc | str = "", probe: Probe = "", media_type: bytes = JSON) -> Endpoint:
    """Return an endpoint that always answers the same; a summary will do for a Doc."""
    doc = Doc(doc) if isinstance(doc, str) else doc
    return Endpoint(lambda body: content, media_type, probe=probe, doc=doc if doc.summary else None)


def base_of(media_type: bytes) -> bytes:
    """Return a media type without its parameters."""
    return media_type.partition(b";")[0].strip().lower()
