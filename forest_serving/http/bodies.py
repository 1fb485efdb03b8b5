"""Bodies of requests and replies on their way: each within its own limits, all of them within the worker's.

Large ones are read, answered and sent so that small ones need not wait for more than one of them.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from forest_serving.errors import (
    BodyTooLarge,
    BodyTooSlow,
    BuffersFull,
    TooManyUploads,
    WrongMediaType,
)
from forest_serving.protocols.endpoint import EventualReply, Headers, Intake, Reply, base_of
from forest_serving.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Decide = Callable[[], EventualReply]

LARGE_BYTES = 65_536  # uvicorn holds this much of any body by itself
TURNS = 16  # of the event loop before a large body, which take 30 µs; in each, uvloop accepts one connection
_SOON = {"Retry-After": "1"}


class Bodies:
    """What is on its way to or from one worker.

    Args:
        settings: the limits.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.n_buffered_bytes = 0
        self._turn = asyncio.Lock()
        self.n_uploads: Counter[int | None] = Counter()  # bodies above LARGE_BYTES, by API key

    async def read(self, headers: Headers, receive: Receive, intake: Intake, key: int | None = None) -> bytes | None:
        """Return a request's body, or None if the client left before it was complete.

        Args:
            headers: the request's.
            receive: what ASGI gives.
            intake: which bodies the endpoint takes.
            key: which API key the request came with.
        """
        message = _at_once(receive)
        if message and "body" in message and not message.get("more_body"):
            body: bytes = message["body"]
            return body
        try:
            async with asyncio.timeout(self.settings.body_timeout_s):
                return await self._collect(message, receive, announced_bytes(headers), _Upload(self, intake, key))
        except TimeoutError:
            limit = f"{self.settings.body_timeout_s:g} s (FOREST_BODY_TIMEOUT_S)"
            sentence = f"The body did not arrive within {limit}; send it again."
            raise BodyTooSlow(sentence, headers={"Connection": "close"}) from None

    async def _collect(
        self, message: Message | None, receive: Receive, announced: int, upload: "_Upload"
    ) -> bytes | None:
        with upload:
            upload.reach(announced)
            while (message := message or await receive())["type"] == "http.request":
                upload.add(message.get("body", b""))
                if not message.get("more_body"):
                    return b"".join(upload.chunks)
                message = None
        return None

    async def send(self, send: Send, body: bytes) -> None:
        """Send a large reply in parts, so that one for a client that does not read can be given up."""
        self.n_buffered_bytes += len(body)
        try:
            async with asyncio.timeout(self.settings.body_timeout_s):
                for start in range(0, len(body), LARGE_BYTES):
                    part, is_last = body[start : start + LARGE_BYTES], start + LARGE_BYTES >= len(body)
                    await send({"type": "http.response.body", "body": part, "more_body": not is_last})
        except TimeoutError:
            pass  # uvicorn closes the connection of a reply that is not complete
        finally:
            self.n_buffered_bytes -= len(body)

    def in_turn(self, decide: Decide, n_bytes: int) -> EventualReply:
        """Return decide(), for a body of so many bytes; if that is large, only once others had their turn."""
        return decide() if n_bytes <= LARGE_BYTES else self._after_others(decide, n_bytes)

    async def _after_others(self, decide: Decide, n_bytes: int) -> Reply:
        """Answer a large body after small requests and earlier large bodies.

        A small request thus waits for one large body at most, however many there are. They count as buffered until
        they are answered.
        """
        self.take(n_bytes)
        try:
            async with self._turn:
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                reply = decide()
                return reply if isinstance(reply, Reply) else await reply
        finally:
            self.n_buffered_bytes -= n_bytes

    def take(self, n_bytes: int) -> None:
        """Count bytes as buffered until they are subtracted again; raise BuffersFull if that is too many."""
        if self.n_buffered_bytes + n_bytes > self.settings.max_buffered_bytes:
            sentence = (
                "The server has too many bytes on their way (FOREST_MAX_BUFFERED_BYTES); repeat the request later."
            )
            raise BuffersFull(sentence, headers=_SOON)
        self.n_buffered_bytes += n_bytes


class _Upload:
    """A body that arrives in parts; what it takes of the worker's limits is given back at the end."""

    def __init__(self, bodies: Bodies, intake: Intake, key: int | None) -> None:
        self.bodies = bodies
        self.intake = intake
        self.key = key
        self.chunks: list[bytes] = []
        self.n_bytes = 0
        self.is_large = False

    def __enter__(self) -> "_Upload":
        return self

    def __exit__(self, *_: object) -> None:
        self.bodies.n_buffered_bytes -= self.n_bytes
        self.bodies.n_uploads[self.key] -= self.is_large

    def add(self, chunk: bytes) -> None:
        """Keep one more part."""
        check_length(self.n_bytes + len(chunk), self.intake)
        self.reach(self.n_bytes + len(chunk))
        self.bodies.take(len(chunk))
        self.n_bytes += len(chunk)
        self.chunks.append(chunk)

    def reach(self, n_bytes: int) -> None:
        """Take one of the places for large bodies once the body is known to be large."""
        if n_bytes <= LARGE_BYTES or self.is_large:
            return
        uploads, settings = self.bodies.n_uploads, self.bodies.settings
        if uploads.total() >= settings.max_uploads or (
            self.key is not None and uploads[self.key] >= settings.max_uploads_per_key
        ):
            limits = "FOREST_MAX_UPLOADS, FOREST_MAX_UPLOADS_PER_KEY"
            sentence = f"As many large bodies as allowed are arriving already ({limits}); repeat the request later."
            raise TooManyUploads(sentence, headers=_SOON)
        uploads[self.key] += 1
        self.is_large = True


def _at_once(receive: Receive) -> Message | None:
    """Return the message that is there already, as a small body is that came with its header; else None.

    It saves the timer, which costs more than finding the answer. A receive that has to wait may be closed and called
    anew: it takes nothing away before it has something to return.
    """
    waiting: Any = receive()
    try:
        waiting.send(None)
    except StopIteration as done:
        message: Message = done.value
        return message
    waiting.close()
    return None


def check_head(headers: Headers, intake: Intake) -> None:
    """Raise unless the headers announce a body that is read."""
    media_type = headers.get(b"content-type")
    if media_type not in intake.media_types and base_of(media_type or b"") not in intake.media_types:
        raise WrongMediaType(intake.sentence)
    if b"content-encoding" in headers and headers[b"content-encoding"].strip().lower() != b"identity":
        raise WrongMediaType("The body must not be compressed; send it without Content-Encoding.")
    check_length(announced_bytes(headers), intake)


def announced_bytes(headers: Headers) -> int:
    """Return how long a body is to be, as the parser understands it; 0 if it is not said."""
    digits = headers.get(b"content-length", b"").strip().lstrip(b"0")
    return int(digits[:16] or b"0")  # they are above any limit, and Python refuses to read thousands


def check_length(n_bytes: int, intake: Intake) -> None:
    """Raise if a body is too long."""
    if n_bytes > intake.max_bytes:
        limit = f"{intake.max_bytes:,} bytes ({intake.variable})"
        raise BodyTooLarge(f"The body may have {limit}; send fewer rows at a time.")
