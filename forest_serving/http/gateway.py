"""The whole way of a request: find its endpoint, admit it, answer, count and log.

All that is decided, decide() decides, without waiting. The lane (lane.py) calls it inside the connection, for a request
that came whole. __call__ is the other way in, for all that may wait: it calls decide() once the body is there.

The gateway stands outside BentoML's application, because its timeout, tracing and error layers cost more than all that
a prediction needs (docs/explanation/architecture.md has the figures). Errors are told in the dialect of the path.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import count
from secrets import token_hex
from time import perf_counter

from forest_serving.errors import KeyRefused, Leaving, RequestError, UnknownPath, WriteRefused, WrongMethod
from forest_serving.http.behind import ELSEWHERE, methods_at
from forest_serving.http.bodies import LARGE_BYTES, Bodies, Message, Receive, Send, check_head, check_length
from forest_serving.http.draining import Drain
from forest_serving.http.keys import Keys
from forest_serving.http.open_places import is_open, open_places
from forest_serving.http.places import Places
from forest_serving.http.request import Exchange, Request, read_request
from forest_serving.http.server_timing import tell_times, timing_fields
from forest_serving.http.unless_left import unless_left
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import Dialects, Endpoint, EventualReply, Reply, Routes
from forest_serving.protocols.negotiation import check_accept
from forest_serving.settings import Settings
from forest_serving.stages import MARKS, marks_of

App = Callable[[Message, Receive, Send], Awaitable[None]]

REFUSAL = "refusal"  # in the scope of a request whose head is refused: why
EXCHANGE = "exchange"  # in the scope of a request that the lane has decided, but must not answer
CAN_STOP = "can_stop"  # in the scope of a request whose client, once it sends no more, is taken to have left
_BODILESS = (204, 304)  # which have no Content-Length either: RFC 9110, section 8.6
_SERVER_FAULT = "The service failed on this request; its log says why."


class Gateway:
    """An ASGI application that answers its own routes and passes on those of BentoML's application.

    Args:
        app: BentoML's application, which also gets what is no request.
        routes: what to answer.
        dialects: how to tell errors where.
        version: the served model's version, sent as X-Model-Version; empty without a model.
        monitor: what counts and logs requests.
        settings: limits and keys.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is another thing that a request meets
        self, app: App, routes: Routes, dialects: Dialects, version: str, monitor: Monitor, settings: Settings
    ) -> None:
        self.app = app
        self.dialects = dialects
        self.routes = {path: _with_head(methods) for path, methods in routes.items()}
        self.places = Places(self.routes)
        self.monitor = monitor
        self.bodies = Bodies(settings)
        readers = [*settings.api_keys, *settings.api_keys_in_file]
        self.keys = Keys([*readers, *settings.write_keys] if readers else [])  # who may write may also read
        self.write_keys = Keys(settings.write_keys)
        self.drain = Drain(settings.drain_s)
        self._tells_times = settings.server_timing
        self.open_places = open_places(self.routes, settings)
        self._version = [(b"x-model-version", version.encode())] if version else []
        self._new_ids = map((token_hex(6).encode() + b"-%x").__mod__, count())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = scope.get(EXCHANGE) or self._begin(scope)
        request = exchange.request
        request_id = self.id_of(request)
        self.monitor.n_in_progress += 1
        try:
            reply = await self._answer(exchange, request_id, scope, receive, send)
        finally:
            self.monitor.n_in_progress -= 1
        if reply is None:
            return
        if reply.marks:
            scope[MARKS] = reply.marks
            if request.timing is not None:
                tell_times(reply, request.timing, exchange.started_s)
        await send({"type": "http.response.start", "status": reply.status, "headers": self.head(reply, request_id)})
        if len(reply.body) <= LARGE_BYTES:
            await send({"type": "http.response.body", "body": reply.body})
        else:
            await self.bodies.send(send, reply.body)
        duration_s = perf_counter() - exchange.started_s
        self.monitor.answered(request, reply, request_id, duration_s, lambda fields: (scope.get("client") or ("",))[0])

    def _begin(self, scope: Message) -> Exchange:
        started_s = perf_counter()
        target = scope.get("raw_path") or scope["path"].encode()
        if query := scope.get("query_string"):
            target = b"%b?%b" % (target, query)
        return Exchange(read_request(scope["method"], scope["path"], scope["headers"], target), started_s)

    async def _answer(
        self, exchange: Exchange, request_id: bytes, scope: Message, receive: Receive, send: Send
    ) -> Reply | None:
        """Return the reply to a request that may have to wait; None if it got one elsewhere, or the client left."""
        request = exchange.request
        try:
            if REFUSAL in scope:
                raise scope[REFUSAL]
            reply = exchange.reply
            if reply is None:
                intake = self._admit(request).intake
                body = await self.bodies.read(request.headers, receive, intake, request.key) if intake else b""
                if body is None:
                    return None
                reply = self.bodies.in_turn(partial(self.decide, request, body), len(body))
            if not isinstance(reply, Reply):
                if request.endpoint and request.endpoint.can_stop:
                    scope[CAN_STOP] = True
                    return await unless_left(reply, receive)
                reply = await reply
            return await self._pass_on(request, request_id, scope, receive, send) if reply is ELSEWHERE else reply
        except Exception as error:
            return self._told(request, error)

    def decide(self, request: Request, body: bytes) -> EventualReply:
        """Return the reply to a request that is here whole; ELSEWHERE if BentoML's application has it."""
        try:
            endpoint = request.endpoint or self._admit(request)
            intake = endpoint.intake
            if intake is None:
                return endpoint.respond(request.headers, b"")
            if len(body) > intake.max_bytes:
                check_length(len(body), intake)
            return endpoint.respond(request.headers, body)
        except Exception as error:
            return self._told(request, error)

    def _admit(self, request: Request) -> Endpoint:
        """Return what answers a request, if its head allows it to be answered."""
        request.place = self.places.of(request) or request.place
        if self.keys:
            request.key = self._check_key(request)
        endpoint = self._find(request)
        request.place = endpoint.counted_as or request.place
        if endpoint.writes:
            self._check_writer(request)
        if endpoint.probe == "ready" and self.drain.has_begun:
            raise Leaving("The server is about to stop; ask another one.", headers={"Retry-After": "1"})
        if (accept := request.headers.get(b"accept", b"*/*")) != b"*/*" and not endpoint.heeds_accept:
            check_accept(accept, endpoint.media_type)
        if endpoint.intake:
            check_head(request.headers, endpoint.intake)  # before uvicorn says "100 Continue"
        if endpoint.predicts:
            request.timing = timing_fields(request.headers, self._tells_times)
        if endpoint.probe != "ready":  # it changes whether such a one is admitted
            request.endpoint = endpoint
        return endpoint

    def _check_key(self, request: Request) -> int | None:
        """Return which key a request came with, or None if it needs none."""
        if is_open(self.open_places, request.method, request.path):
            return None
        return self.keys.check(request.headers.get(b"authorization"))

    def _check_writer(self, request: Request) -> None:
        """Raise unless a request came with a key for writing; without such keys, nobody may."""
        if not self.write_keys:
            raise WriteRefused("Nobody may write: FOREST_WRITE_KEYS has no key.")
        try:
            self.write_keys.check(request.headers.get(b"authorization"))
        except KeyRefused:
            if not self.keys:
                raise
            raise WriteRefused("This key may not write; send one of FOREST_WRITE_KEYS.") from None

    def _find(self, request: Request) -> Endpoint:
        """Return what answers a path and method."""
        methods = self.routes.get(request.place) or methods_at(request.path)
        if not methods:
            raise UnknownPath(self.dialects.at(request.path).missing)
        endpoint = methods.get(request.method)
        if endpoint is None or endpoint.off:
            allow = ", ".join(method for method, each in methods.items() if not each.off)
            sentence = endpoint.off if endpoint else f"This path does not know that method; use {allow}."
            raise WrongMethod(sentence, headers={"Allow": allow})
        return endpoint

    def _told(self, request: Request, error: Exception) -> Reply:
        """Return an error as a reply; one request must not take the server with it, and BentoML would not log it."""
        refuse = self.dialects.at(request.path).refuse
        if not isinstance(error, RequestError):
            return Reply(refuse(500, _SERVER_FAULT, ()), status=500, reason="fault", fault=error, marks=marks_of(error))
        headers = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        loc = tuple(_as_utf_8(part) if isinstance(part, str) else part for part in error.loc)
        body = refuse(error.status, _as_utf_8(error.message), loc)
        reason = type(error).__name__
        return Reply(body, headers=headers, status=error.status, reason=reason, marks=marks_of(error))

    async def _pass_on(
        self, request: Request, request_id: bytes, scope: Message, receive: Receive, send: Send
    ) -> Reply | None:
        """Let BentoML's application answer, with our headers; where it finds nothing, refuse as we do."""
        status = 200

        async def send_labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id), *self._version]
            if status != 404:
                await send(message)

        await self.app(scope, receive, send_labelled)
        return self._told(request, UnknownPath(self.dialects[""].missing)) if status == 404 else None

    def head(self, reply: Reply, request_id: bytes) -> list[tuple[bytes, bytes]]:
        """Return a reply's header fields; the last one is the only one that differs between replies alike."""
        about_body = [(b"content-type", reply.media_type), (b"content-length", b"%d" % len(reply.body))]
        fields = [*([] if reply.status in _BODILESS else about_body), *self._version, *reply.headers]
        if self.drain.has_begun:
            fields.append((b"connection", b"close"))
        return [*fields, (b"x-request-id", request_id)]

    def id_of(self, request: Request) -> bytes:
        """Return the id that a request came with, or a new one."""
        return request.given_id or next(self._new_ids)


def _as_utf_8(text: str) -> str:
    """Return a text without halves of characters, which a client may name, and no UTF-8 holds."""
    return text.encode("utf-8", "replace").decode()


def _with_head(methods: Mapping[str, Endpoint]) -> dict[str, Endpoint]:
    return {**methods, "HEAD": methods["GET"]} if "GET" in methods else dict(methods)
