"""The whole way of a request: find the handler, read the body, answer; everything BentoML's goes on to BentoML.

The gateway stands outside BentoML's application, because its timeout, tracing and error layers cost more than all that
a prediction needs (docs/architecture.md has the figures). Errors are JSON: {"error": sentence, "detail": [place]}.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

import msgspec

from iris_serving.errors import (
    BodyTooLarge,
    BodyTooSlow,
    RequestError,
    UnknownPath,
    UnwantedUpgrade,
    WrongMediaType,
    WrongMethod,
)
from iris_serving.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

JSON = b"application/json"


class Endpoint(NamedTuple):
    """What answers a path and method.

    Attributes:
        answer: from a body's bytes to a reply's; raises RequestError.
        media_type: the reply's.
        takes_body: whether to read and check the body first; otherwise answer gets b"".
    """

    answer: Callable[[bytes], bytes]
    media_type: bytes = JSON
    takes_body: bool = True


Routes = Mapping[str, Mapping[str, Endpoint]]  # path → method → endpoint

BENTOML_PATHS = frozenset({"/schema.json", "/livez", "/healthz", "/readyz"})
BENTOML_FOLDER = "/static_content/"
# curl's own default is a form; no header at all is what some platforms send. Both mean JSON here.
_READABLE = frozenset({JSON, b"application/x-www-form-urlencoded", b""})
_SERVER_FAULT = "The service failed on this request; its log says why."
_log = logging.getLogger("bentoml.iris")


class Gateway:
    """An ASGI application that answers its own routes and passes on those of BentoML's application.

    Args:
        app: BentoML's application, which also gets lifespan events.
        routes: what to answer.
        version: the served model's version, sent as X-Model-Version.
        settings: the limits on bodies.
    """

    def __init__(self, app: App, routes: Routes, version: str, settings: Settings) -> None:
        self.app = app
        self.routes = routes
        self.settings = settings
        self._headers = [(b"x-model-version", version.encode())]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http" or scope["path"] in BENTOML_PATHS or scope["path"].startswith(BENTOML_FOLDER):
            return await self.app(scope, receive, send)
        try:
            endpoint = self.find(scope["path"], scope["method"])
            body = await self.read_body(scope, receive) if endpoint.takes_body else b""
            if body is not None:  # None: the client has left
                await self.reply(send, 200, endpoint.media_type, endpoint.answer(body))
        except RequestError as error:
            headers = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
            await self.reply(send, error.status, JSON, error_body(error.message, error.loc), headers)
        except Exception:  # one request must not take the server with it, and BentoML would not log it
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await self.reply(send, 500, JSON, error_body(_SERVER_FAULT))

    def find(self, path: str, method: str) -> Endpoint:
        """Return what answers a path and method."""
        methods = self.routes.get(path)
        if methods is None:
            raise UnknownPath(f"Nothing is at this path; the API has {', '.join(self.routes)}.")
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            allow = ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
            raise WrongMethod(f"This path does not know that method; use {allow}.", headers={"Allow": allow})
        return endpoint

    async def read_body(self, scope: Message, receive: Receive) -> bytes | None:
        """Return the body, or None if the client left before it was complete."""
        check_headers(scope["headers"], self.settings.max_body_bytes)
        try:
            async with asyncio.timeout(self.settings.body_timeout_s):
                return await self._read_chunks(receive)
        except TimeoutError:
            raise BodyTooSlow(
                f"The body did not arrive within {self.settings.body_timeout_s:g} s; send it again."
            ) from None

    async def _read_chunks(self, receive: Receive) -> bytes | None:
        chunks, n_bytes = [], 0
        while (message := await receive())["type"] == "http.request":
            chunks.append(message.get("body", b""))
            n_bytes += len(chunks[-1])
            check_length(n_bytes, self.settings.max_body_bytes)
            if not message.get("more_body"):
                return b"".join(chunks)
        return None

    async def reply(self, send: Send, status: int, media_type: bytes, body: bytes, headers: Any = ()) -> None:
        """Send a complete reply."""
        fixed = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *self._headers]
        await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
        await send({"type": "http.response.body", "body": body})


def check_headers(headers: list[tuple[bytes, bytes]], max_body_bytes: int) -> None:
    """Raise unless the headers announce a body that can be read."""
    for name, value in headers:
        if name == b"content-length":
            # 16 digits are above any limit, and Python refuses to read thousands.
            check_length(int(value.lstrip(b"0")[:16] or b"0"), max_body_bytes)
        elif name == b"content-type" and value.partition(b";")[0].strip().lower() not in _READABLE:
            raise WrongMediaType("The body must be JSON; send the header Content-Type: application/json.")
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise WrongMediaType("The body must not be compressed; send it without Content-Encoding.")
        elif name == b"upgrade":  # uvicorn drops the body of such a request
            raise UnwantedUpgrade("The connection stays HTTP/1.1; send the request again without the header Upgrade.")


def check_length(n_bytes: int, max_body_bytes: int) -> None:
    """Raise if a body is too long."""
    if n_bytes > max_body_bytes:
        raise BodyTooLarge(f"The body may have {max_body_bytes:,} bytes; send fewer rows at a time.")


def error_body(message: str, loc: tuple[str | int, ...] = ()) -> bytes:
    """Return an error in BentoML's shape, which its clients understand."""
    return msgspec.json.encode({"error": message, "detail": [{"loc": loc, "msg": message}] if loc else []})


def put_in_front(service: Any, make_gateway: Callable[[App], App]) -> Any:
    """Make a BentoML service serve make_gateway(app) in place of its own app, and return it.

    BentoML offers places for middleware only inside its own layers. Its workers ask the service for the application
    with to_asgi; this overrides that one method, on this one object, by giving it a subclass without further slots.
    """

    class Fronted(type(service)):  # type: ignore[misc]
        __slots__ = ()

        def to_asgi(self, is_main: bool = True) -> App:
            return make_gateway(super().to_asgi(is_main=is_main))

    service.__class__ = Fronted
    return service
