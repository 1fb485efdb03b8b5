"""What answers a path: the words in which protocols, the gateway and OpenAPI speak to one another."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from forest_serving.errors import Loc
from forest_serving.rows.numbers import Rows

Headers = Mapping[bytes, bytes]
Refuse = Callable[[int, str, Loc], bytes]  # status, sentence, place in the body → an error's body
Probe = Literal["", "open", "ready"]

# The target of a request, the path as it came and the query, is among its headers by the name that HTTP/2 has for it
# (RFC 9113, section 8.3.1). No header of HTTP/1.1 can be called so.
TARGET = b":path"
JSON = b"application/json"
# curl's own default is a form; no header at all is what some platforms send. Both mean JSON here.
JSON_KINDS = frozenset({JSON, b"application/x-www-form-urlencoded", b"", None})

_BASES = frozenset({JSON, b"text/csv"})  # what most clients send need not be taken apart

encode = msgspec.json.Encoder().encode


class Reply(msgspec.Struct):
    """What is sent back.

    Attributes:
        body: the bytes.
        media_type: their Content-Type.
        headers: further headers.
        status: HTTP's.
        reason: the error's name, for metrics and log; empty if there was none.
        fault: what went wrong in the service itself.
        asked: the rows that were answered and the positions of their classes, or a regressor's numbers, for metrics.
        marks: between its stages, where it is the reply to what was to predict; see stages.py.
    """

    body: bytes
    media_type: bytes = JSON
    headers: Sequence[tuple[bytes, bytes]] = ()
    status: int = 200
    reason: str = ""
    fault: Exception | None = None
    asked: tuple[Rows, Any] | None = None
    marks: Sequence[float] = ()


EventualReply = Reply | Coroutine[Any, Any, Reply]  # the latter if it leaves others their turn in between
Respond = Callable[[Headers, bytes], EventualReply]


class Intake(NamedTuple):
    """Which bodies are read.

    Attributes:
        max_bytes: the longest.
        media_types: those that Content-Type may name, None standing for its absence.
        sentence: what to send, for a client that sent something else.
        variable: the setting that max_bytes comes from, and that of media types with another limit.
    """

    max_bytes: int
    media_types: frozenset[bytes | None] = JSON_KINDS
    sentence: str = "The body must be JSON; send the header Content-Type: application/json."
    variable: str = "FOREST_MAX_BODY_BYTES"


class Success(NamedTuple):
    """What OpenAPI says about a reply that is no error.

    Attributes:
        words: one line.
        schema: of its body; empty if it has none.
        example: of its body.
        headers: beside those that every reply has, as OpenAPI has them.
    """

    words: str
    schema: Mapping[str, Any] = {}
    example: Any = None
    headers: Mapping[str, Any] = {}


class Doc(NamedTuple):
    """What OpenAPI says about an endpoint.

    Attributes:
        summary: one line.
        examples: for each media type of the request's body, one that works.
        schema: of a body that is JSON.
        reply: the name of the reply's schema in OpenAPI, if it has one.
        reply_schema: of a reply that has none by name.
        other_replies: media types that the reply can have besides JSON.
        needs_body: whether a request without a body is refused.
        statuses: with which it may refuse besides those that every path has.
        parameters: of the path, the query and the header, as OpenAPI has them.
        successes: status → reply; without any, there is one, 200, and its example is the endpoint's own answer.
    """

    summary: str
    examples: Mapping[str, Any] = {}
    schema: Mapping[str, Any] = {}
    reply: str = ""
    reply_schema: Mapping[str, Any] = {}
    other_replies: tuple[str, ...] = ()
    needs_body: bool = True
    statuses: tuple[int, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()
    shows_reply: bool = True
    successes: Mapping[int, Success] = {}


class Endpoint(NamedTuple):
    """What answers a path and method.

    Attributes:
        respond: from headers and body to a reply; raises RequestError.
        intake: which bodies to read; None if respond gets b"".
        media_type: the reply's, unless heeds_accept.
        heeds_accept: whether respond itself chooses the reply's form by Accept.
        claims: where protocols share a path, whether a request is this one's; None takes what others do not claim.
        probe: "open" if no key is needed, "ready" if it also refuses once the server is about to stop.
        predicts: whether it answers rows.
        writes: whether it changes what is stored, and so needs a key for writing.
        can_stop: whether the work on a reply stops when its client leaves, since it changes nothing.
        counted_as: the path under which metrics count it, if not its own.
        off: why the method is not answered here, and how to change that; empty if it is.
        doc: for OpenAPI; None leaves it out.
        protocols: whose endpoint it is; filled in when the protocols are put together.
    """

    respond: Respond
    intake: Intake | None = None
    media_type: bytes = JSON
    heeds_accept: bool = False
    claims: Callable[[Headers, bytes], bool] | None = None
    probe: Probe = ""
    predicts: bool = False
    writes: bool = False
    can_stop: bool = False
    counted_as: str = ""
    off: str = ""
    doc: Doc | None = None
    protocols: tuple[str, ...] = ()


Table = Mapping[str, Endpoint]  # "METHOD /path" → endpoint
Routes = Mapping[str, Mapping[str, Endpoint]]  # path → method → endpoint; a segment {id} stands for any one


class Protocol(NamedTuple):
    """One wire protocol, for one model.

    Attributes:
        name: as people call it.
        table: what it answers.
        errors: how it tells errors at the paths that begin so; "" stands for all paths that no other protocol has.
    """

    name: str
    table: Table
    errors: Mapping[str, Refuse] = {}


class Dialect(NamedTuple):
    """How errors are told at a path.

    Attributes:
        refuse: makes an error's body.
        missing: what a 404 says.
    """

    refuse: Refuse
    missing: str


class Dialects(dict[str, Dialect]):
    """The beginning of a path → how errors are told there; "" is that of all others."""

    def at(self, path: str) -> Dialect:
        """Return the dialect of a path; a beginning counts only where a segment of the path ends."""
        for start, dialect in self.items():
            if start and (path == start or path.startswith((f"{start}/", f"{start}:"))):
                return dialect
        return self[""]


def page(content: bytes, doc: Doc | str = "", probe: Probe = "", media_type: bytes = JSON) -> Endpoint:
    """Return an endpoint that always answers the same; a summary will do for a Doc."""
    doc = Doc(doc) if isinstance(doc, str) else doc
    return Endpoint(
        lambda headers, body: Reply(content, media_type),
        media_type=media_type,
        probe=probe,
        doc=doc if doc.summary else None,
    )


def base_of(media_type: bytes) -> bytes:
    """Return a media type without its parameters."""
    return media_type.partition(b";")[0].strip().lower()


def query_values(headers: Headers, name: str) -> list[bytes]:
    """Return the texts of a parameter in the query, as they came: none is needed that would have to be decoded."""
    _, has_query, query = headers.get(TARGET, b"").partition(b"?")
    if not has_query:
        return []
    pairs = [each.partition(b"=") for each in query.split(b"&")]
    return [value for found, _, value in pairs if found == name.encode()]


def kind_of(headers: Headers) -> bytes:
    """Return a body's media type without its parameters; empty if none was sent."""
    media_type = headers.get(b"content-type", b"")
    return media_type if media_type in _BASES else base_of(media_type)
