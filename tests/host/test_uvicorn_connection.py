"""How replies are written to a connection: what uvicorn's own protocol would write, in fewer pieces."""

import asyncio
import logging

import pytest
from uvicorn import Config
from uvicorn.protocols.http import auto, httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from forest_serving.host.uvicorn_connection import Connection, install
from forest_serving.host.uvicorn_reply import Cycle
from forest_serving.http.gateway import CAN_STOP

HEAD = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
GET, HEAD_ONLY = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Transport(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written, self.is_closed = [], False

    def write(self, data):
        self.written.append(bytes(data))

    def close(self):
        self.is_closed = True

    def is_closing(self):
        return self.is_closed

    def pause_reading(self):
        """Nothing is read."""

    def resume_reading(self):
        """Nothing is read."""


def start(headers=HEAD, status=200):
    """Return the start of a reply."""
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(part=b"ok", more=False):
    """Return a part of a reply's body."""
    return {"type": "http.response.body", "body": part, "more_body": more}


def written(request, *messages):
    """Return the connection after an application has answered with these messages; an exception is raised."""

    async def app(scope, receive, send):
        for message in messages:
            if isinstance(message, Exception):
                raise message
            await send(message)

    async def serve():
        config = Config(app, lifespan="off", log_config=None, access_log=False)
        config.load()
        protocol, connection = Connection(config, ServerState(), {}), Transport()
        protocol.connection_made(connection)
        protocol.data_received(request)
        while protocol.tasks:
            await asyncio.sleep(0)
        protocol.timeout_keep_alive_task and protocol.timeout_keep_alive_task.cancel()
        return connection

    return asyncio.run(serve())


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """Do what a worker does when it starts, and undo it."""
    monkeypatch.setattr(auto, "AutoHTTPProtocol", HttpToolsProtocol)
    monkeypatch.setattr(httptools_impl, "RequestResponseCycle", Cycle.__base__)
    install(Connection)


@pytest.fixture(autouse=True)
def quiet():
    """Keep what uvicorn logs of failing applications from the tests' output."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def test_a_short_reply_is_one_write():
    """Two would be two system calls, and would wake the client twice."""
    (whole,) = written(GET, start(), body()).written
    assert whole == b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("request_", "messages"),
    [
        (HEAD_ONLY, [start(), body()]),
        (CLOSING, [start(), body()]),
        (GET, [start([*HEAD, (b"connection", b"close")]), body()]),
        (GET, [start(), body(b"o", more=True), body(b"k")]),
        (GET, [start(HEAD[:1]), body()]),
        (GET, [start([], 204), body(b"")]),
        (GET, [start([*HEAD, (b"Connection", b"close")]), body()]),
        (GET, [start([*HEAD, (b"X-Given", b"a\tb \xe9")]), body()]),
        (GET, [start([*HEAD, (b"transfer-encoding", b"chunked")]), body()]),
    ],
)
def test_any_other_reply_is_what_uvicorn_makes_of_it(request_, messages, monkeypatch):
    ours = written(request_, *messages)
    monkeypatch.setattr("uvicorn.protocols.http.httptools_impl.RequestResponseCycle", Cycle.__base__)
    theirs = written(request_, *messages)
    assert (b"".join(ours.written), ours.is_closed) == (b"".join(theirs.written), theirs.is_closed)


@pytest.mark.parametrize(
    "messages",
    [
        [start(), ValueError("too late")],
        *(
            [start([*HEAD, (b"x-given", b"a%bb" % odd)]), body()]
            for odd in (b"\r\nset-cookie: ", b"\r", b"\n", b"\0", b"\x7f")
        ),
        *([start([*HEAD, (b"x%bgiven" % odd, b"a")]), body()] for odd in (b" ", b":", b"\r\n", b"\0", b"(", b'"')),
        [start()],
        [],
    ],
)
def test_an_application_that_fails_gets_uvicorns_500(messages):
    assert b"".join(written(GET, *messages).written).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


KEEP_ALIVE_S = 0.1


async def idle_after(*pauses_s, answering_s=0):
    """Return how many answers a connection gives and how long it lives after the last; pauses come before requests."""

    async def app(scope, receive, send):
        await asyncio.sleep(answering_s)
        for message in (start(), body()):
            await send(message)

    config = Config(app, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=KEEP_ALIVE_S)
    config.load()
    protocol, connection, loop = Connection(config, ServerState(), {}), Transport(), asyncio.get_running_loop()
    protocol.connection_made(connection)
    for pause_s in pauses_s:
        await asyncio.sleep(pause_s)
        protocol.data_received(GET)
        while protocol.tasks:
            await asyncio.sleep(0)
        answered_s = loop.time()
    async with asyncio.timeout(5):
        while not connection.is_closed:
            await asyncio.sleep(0.001)
    return len(connection.written), loop.time() - answered_s


@pytest.mark.parametrize("pauses_s", [[0], [0, 0.06], [0, 0.06, 0.06, 0.06]])
def test_a_connection_is_closed_when_it_was_idle_for_the_whole_time_since_its_last_answer(pauses_s):
    """However many requests there were, whose timers uvicorn would start anew each time."""
    n_answers, lived_s = asyncio.run(idle_after(*pauses_s))
    assert n_answers == len(pauses_s)
    assert KEEP_ALIVE_S - 0.01 <= lived_s < 5


def test_a_connection_is_not_closed_while_a_request_is_being_answered():
    """Though the answer takes longer than a connection may be idle, and a request before it had started the timer."""
    n_answers, lived_s = asyncio.run(idle_after(0, 0.01, answering_s=2 * KEEP_ALIVE_S))
    assert n_answers == 2
    assert lived_s >= KEEP_ALIVE_S - 0.01


@pytest.mark.parametrize("target", [b"http://a:999999999/", b"http://a", b"//", b"/%", b"*"])
def test_a_target_that_cannot_be_read_is_answered_and_no_more(target):
    """The parser finds out in the middle of uvicorn's own callback, before there is a request."""
    answer = b"".join(written(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % target, start(), body()).written)
    assert answer.startswith((b"HTTP/1.1 400 Bad Request\r\n", b"HTTP/1.1 200 OK\r\n"))
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("can_stop", [False, True])
def test_a_client_that_sends_no_more_is_answered_unless_the_work_may_stop(can_stop):
    """A browser that leaves and a client that only sends no more look the same."""

    async def app(scope, receive, send):
        if can_stop:
            scope[CAN_STOP] = True
        await asyncio.Event().wait()

    async def stays_open():
        config = Config(app, lifespan="off", log_config=None, access_log=False)
        config.load()
        protocol = Connection(config, ServerState(), {})
        protocol.connection_made(Transport())
        protocol.data_received(GET)
        await asyncio.sleep(0)
        stays = protocol.eof_received()
        [task.cancel() for task in protocol.tasks]
        protocol.timeout_keep_alive_task and protocol.timeout_keep_alive_task.cancel()
        return stays

    assert asyncio.run(stays_open()) is not can_stop
