"""The whole way of a request: admit, find the endpoint, read the body, answer, send, count and log.

The gateway stands outside BentoML's application, because its timeout, tracing and error layers cost more than all that
a prediction needs (docs/explanation/architecture.md has the figures). Errors are told in the dialect of the path.
"""

import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from re import compile as pattern
from secrets import token_hex
from time import perf_counter

from forest_serving.errors import Leaving, RequestError, UnknownPath, WrongMethod
from forest_serving.http.bodies import LARGE_BYTES, Bodies, Message, Receive, Send
from forest_serving.http.draining import Drain
from forest_serving.http.keys import Keys
from forest_serving.http.open_places import BENTOML_FOLDER, BENTOML_PATHS, is_open, open_places
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import Dialects, Endpoint, Headers, Refuse, Reply, Routes
from forest_serving.protocols.negotiation import check_accept
from forest_serving.settings import Settings

App = Callable[[Message, Receive, Send], Awaitable[None]]

Fields = Sequence[tuple[bytes, bytes]]
REFUSAL = "refusal"  # in the scope of a request whose head is refused: why
_SERVER_FAULT = "The service failed on this request; its log says why."
_SANE_ID = pattern(rb"[A-Za-z0-9._-]{1,128}").fullmatch


class Gateway:
    """An ASGI application that answers its own routes and passes on those of BentoML's application.

    Args:
        app: BentoML's application, which also gets lifespan events.
        routes: what to answer.
        dialects: how to tell errors where.
        version: the served model's version, sent as X-Model-Version.
        monitor: what counts and logs requests.
        settings: limits and keys.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is another thing that a request meets
        self, app: App, routes: Routes, dialects: Dialects, version: str, monitor: Monitor, settings: Settings
    ) -> None:
        self.app = app
        self.dialects = dialects
        self.routes = {path: _with_head(methods) for path, methods in routes.items()}
        self.monitor = monitor
        self.bodies = Bodies(settings)
        self.keys = Keys([*settings.api_keys, *settings.api_keys_in_file])
        self.drain = Drain(settings.drain_s)
        self.at_start: Callable[[], None] = lambda: None  # called in the event loop
        self.at_ready: Callable[[], None] = lambda: None  # called before the first request is taken
        self.open_places = open_places(self.routes, settings)
        self._version = (b"x-model-version", version.encode())
        self._id_prefix, self._id_count = token_hex(6).encode(), count()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            await self._live(scope, receive, send)
            return
        started, path, fields = perf_counter(), scope["path"], scope["headers"]
        headers = dict(fields)
        request_id = self._request_id(headers)
        self.monitor.n_in_progress += 1
        try:
            if REFUSAL in scope:
                raise scope[REFUSAL]
            key = self._check_key(scope["method"], path, headers, fields) if self.keys else None
            if len(headers) < len(fields):
                headers = joined(fields)
            if (endpoint := self._find(path, scope["method"])) is None:
                await self._pass_on(scope, receive, send, request_id)
                return
            if (accept := headers.get(b"accept", b"*/*")) != b"*/*" and not endpoint.heeds_accept:
                check_accept(accept, endpoint.media_type)
            body = await self.bodies.read(headers, receive, endpoint.intake, key) if endpoint.intake else b""
            if body is None:
                return  # the client has left
            eventual = self.bodies.respond_in_turn(endpoint.respond, headers, body)
            reply = eventual if isinstance(eventual, Reply) else await eventual
        except RequestError as error:
            reply = refusal(error, self.dialects.at(path).refuse)
        except Exception as fault:  # one request must not take the server with it, and BentoML would not log it
            body = self.dialects.at(path).refuse(500, _SERVER_FAULT, ())
            reply = Reply(body, status=500, reason="fault", fault=fault)
        finally:
            self.monitor.n_in_progress -= 1
        await send({"type": "http.response.start", "status": reply.status, "headers": self._head(reply, request_id)})
        if len(reply.body) <= LARGE_BYTES:
            await send({"type": "http.response.body", "body": reply.body})
        else:
            await self.bodies.send(send, reply.body)
        endpoint_name = path if path in self.routes else "unknown"  # a stranger must not make new series
        self.monitor.answered(scope, endpoint_name, reply, request_id, perf_counter() - started)

    def _check_key(self, method: str, path: str, headers: Headers, fields: Fields) -> int | None:
        """Return which key a request came with, or None if it needs none."""
        if is_open(self.open_places, method, path):
            return None
        if len(headers) < len(fields):  # whatever stands in front of the server may have read another than the last
            headers = joined([field for field in fields if field[0] == b"authorization"])
        return self.keys.check(headers.get(b"authorization"))

    def _find(self, path: str, method: str) -> Endpoint | None:
        """Return what answers a path and method; None if BentoML's application does."""
        methods = self.routes.get(path)
        if methods is None:
            if path in BENTOML_PATHS or path.startswith(BENTOML_FOLDER):
                return None
            raise UnknownPath(self.dialects.at(path).missing)
        endpoint = methods.get(method)
        if endpoint is None:
            allow = ", ".join(methods)
            raise WrongMethod(f"This path does not know that method; use {allow}.", headers={"Allow": allow})
        if endpoint.probe == "ready":
            self._check_staying()
        return endpoint

    def _check_staying(self) -> None:
        if self.drain.has_begun:
            raise Leaving("The server is about to stop; ask another one.", headers={"Retry-After": "1"})

    async def _pass_on(self, scope: Message, receive: Receive, send: Send, request_id: bytes) -> None:
        """Let BentoML's application answer, with our headers and, where it refuses in plain text, our refusal."""
        if scope["method"] not in ("GET", "HEAD"):
            raise WrongMethod("This path does not know that method; use GET, HEAD.", headers={"Allow": "GET, HEAD"})
        if scope["path"] == "/readyz":
            self._check_staying()
        status = 200

        async def send_labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id), self._version]
            if status != 404:
                await send(message)

        await self.app(scope, receive, send_labelled)
        if status == 404:
            raise UnknownPath(self.dialects[""].missing)

    def _head(self, reply: Reply, request_id: bytes) -> list[tuple[bytes, bytes]]:
        head = [
            (b"content-type", reply.media_type),
            (b"content-length", b"%d" % len(reply.body)),
            (b"x-request-id", request_id),
            self._version,
            *reply.headers,
        ]
        if self.drain.has_begun:
            head.append((b"connection", b"close"))
        return head

    def _request_id(self, headers: Headers) -> bytes:
        given = headers.get(b"x-request-id")
        return given if given and _SANE_ID(given) else b"%s-%x" % (self._id_prefix, next(self._id_count))

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        """Run BentoML's application from start to stop."""
        if scope["type"] == "lifespan":
            self.at_start()
            gc.collect()
            gc.freeze()  # what is loaded by now stays, and need not be looked through again
            gc.set_threshold(50_000, 20, 50)
        await self.app(scope, receive, self._tell_ready(send))
        self.monitor.write()

    def _tell_ready(self, send: Send) -> Send:
        async def send_and_tell(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.at_ready()
            await send(message)

        return send_and_tell


def _with_head(methods: Mapping[str, Endpoint]) -> dict[str, Endpoint]:
    return {**methods, "HEAD": methods["GET"]} if "GET" in methods else dict(methods)


def joined(fields: Fields) -> dict[bytes, bytes]:
    """Return headers, different ones of one name joined with commas as RFC 9110, section 5.3, says."""
    found: dict[bytes, dict[bytes, None]] = {}
    for name, value in fields:
        found.setdefault(name, {})[value] = None
    return {name: b",".join(values) for name, values in found.items()}


def refusal(error: RequestError, refuse: Refuse) -> Reply:
    """Return an error as a reply."""
    headers = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    body = refuse(error.status, error.message, error.loc)
    return Reply(body, headers=headers, status=error.status, reason=type(error).__name__)
