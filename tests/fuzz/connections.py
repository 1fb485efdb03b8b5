"""The bytes of a connection: our side of it and the gateway, without the socket."""

import asyncio
import json
import re
from itertools import pairwise
from typing import NamedTuple

from uvicorn import Config
from uvicorn.server import ServerState

from forest_serving.host.uvicorn_connection import MAX_WAITING, Connection, install
from forest_serving.host.uvicorn_lane import lane_connection
from forest_serving.http.lane import Lane
from tests.fuzz import subjects
from tests.fuzz.checks import check_refusal

SEGMENT_BYTES = 65_536
MOST_TURNS = 200_000  # of the event loop, after which a connection counts as hanging
HEAD = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [A-Za-z -]*\r\n((?:[a-z-]+: [^\r\n\0]*\r\n)*)\r\n")
OWN_ID = re.compile(rb"x-request-id: [0-9a-f]{12}-[0-9a-f]+\r\n")
BROKEN = 0  # in a list of statuses, a last refusal of what is no HTTP
PLAIN = b"Invalid HTTP request received."
STATUSES = (200, 400, 401, 404, 405, 406, 408, 413, 414, 415, 429, 431)


class Transport(asyncio.Transport):
    """A transport that keeps what is written, and closes as a socket's does."""

    def __init__(self, loop):
        super().__init__()
        self.loop, self.written, self.is_paused, self.is_closed = loop, bytearray(), False, False
        self.protocol = None

    def write(self, data):
        """Keep what is written before the end."""
        if not self.is_closed:
            self.written += data

    def close(self):
        """Tell the protocol soon."""
        if not self.is_closed:
            self.is_closed = True
            self.loop.call_soon(self.protocol.connection_lost, None)

    abort = close

    def is_closing(self):
        """Return whether it was closed."""
        return self.is_closed

    def pause_reading(self):
        """Deliver nothing more."""
        self.is_paused = True

    def resume_reading(self):
        """Go on."""
        self.is_paused = False

    def get_write_buffer_size(self):
        """Everything is sent at once."""
        return 0


class Spoken(NamedTuple):
    """What a connection wrote, the methods of the requests that it answered, how many in the lane, what was counted."""

    written: bytes
    methods: list[str]
    n_in_lane: int
    noted: list[tuple]


def converse(service, sent, cuts=(), in_lane=False):
    """Return what is said on a connection whose client sends bytes, and then no more; exceptions are raised.

    Args:
        service: whose connection it is.
        sent: all that the client sends.
        cuts: where a packet ends, besides each SEGMENT_BYTES.
        in_lane: whether the connection has a lane; otherwise all is answered the ASGI way.
    """
    methods, service.noted = [], []
    lane = NotingLane(service.gateway, methods)
    kind = lane_connection(lane) if in_lane else Connection
    install(kind)
    written = service.loop.run_until_complete(_converse(service, _packets(sent, cuts), kind, methods))
    return Spoken(written, methods, lane.n_answered, service.noted)


class NotingLane(Lane):
    """A lane that notes the methods of the requests that it answers."""

    def __init__(self, gateway, methods):
        super().__init__(gateway)
        self.methods, self.n_answered = methods, 0

    def answer(self, data, connection):
        is_answered = super().answer(data, connection)
        if is_answered:
            self.n_answered += 1
            self.methods.append(data.lstrip().partition(b" ")[0].decode())
        return is_answered


def _packets(sent, cuts):
    ends = sorted(
        {*range(SEGMENT_BYTES, len(sent), SEGMENT_BYTES), *(cut for cut in cuts if 0 < cut < len(sent)), len(sent)}
    )
    return [sent[start:end] for start, end in pairwise([0, *ends])]


async def _converse(service, packets, kind, methods):
    loop, faults = asyncio.get_running_loop(), []

    async def app(scope, receive, send):
        methods.append(scope["method"])
        try:
            await service.gateway(scope, receive, send)
        except Exception as fault:
            faults.append(fault)
            raise

    loop.set_exception_handler(lambda _, context: faults.append(context.get("exception") or context["message"]))
    config = Config(app, lifespan="off", log_config=None, access_log=False)
    config.load()
    transport, protocol = Transport(loop), kind(config, ServerState(), {})
    transport.protocol = protocol
    protocol.connection_made(transport)
    for packet in packets:
        await _until(lambda: not transport.is_paused or transport.is_closed)
        if transport.is_closed:
            break
        protocol.data_received(packet)
        await asyncio.sleep(0)
    await _until(lambda: not transport.is_paused or transport.is_closed or not protocol.tasks)
    if not transport.is_closed and not protocol.eof_received():
        transport.close()
    await _until(lambda: not protocol.tasks and transport.is_closed)
    assert service.gateway.monitor.n_in_progress == 0
    for fault in faults:
        raise fault if isinstance(fault, Exception) else AssertionError(fault)
    return bytes(transport.written)


async def _until(holds):
    for _ in range(MOST_TURNS):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("the connection hangs")


def check_connection(service, sent):
    """Every reply is well framed and documented, and however the bytes arrive, the answers are the same."""
    cut = 1 + sum(sent) % max(1, len(sent))
    whole, parts = check_both_ways(service, sent), check_both_ways(service, sent, (cut,))
    if max(len(whole), len(parts)) < MAX_WAITING:  # so many wait only if they came at once; the others are refused
        assert _agree(whole, parts), f"answers {whole} at once, {parts} when cut after {cut} bytes"


def check_both_ways(service, sent, cuts=()):
    """Every reply is the same, byte by byte, with a lane and without; return the statuses."""
    lane, asgi = (converse(service, sent, cuts, in_lane) for in_lane in (True, False))
    in_lane, without = statuses_of(lane), statuses_of(asgi)
    assert _agree(in_lane, without), f"answers {in_lane} in the lane, {without} without"
    if in_lane == without:
        assert OWN_ID.sub(b"", lane.written) == OWN_ID.sub(b"", asgi.written)
        assert lane.noted == asgi.noted
    return without


def _agree(some, others):
    """Return whether two lists of answers are the same, as far as they were given.

    What is broken behind a request, or in its body, may be seen before the request is answered, or after it.
    """
    short, long = sorted((some, others), key=lambda statuses: len([status for status in statuses if status != BROKEN]))
    answered = [status for status in short if status != BROKEN]
    is_all = len(answered) == len([status for status in long if status != BROKEN])
    return answered == long[: len(answered)] and (is_all or short != answered)


def statuses_of(spoken):
    """Return the statuses of the replies that were written, each of them checked, and BROKEN if that ended them."""
    rest, methods, found = spoken.written, list(spoken.methods), []
    while rest:
        head = HEAD.match(rest)
        assert head, f"no head: {rest[:200]!r}"
        rest = rest[head.end() :]
        if head[1] == b"100":
            continue
        headers = dict(line.split(b": ", 1) for line in head[2].splitlines())
        if headers.get(b"content-type", b"").startswith(b"text/plain") and rest == PLAIN:
            found.append(BROKEN)  # what is broken behind an answer is refused, or the connection ends with the answer
            break
        method = methods.pop(0)
        n_bytes = 0 if method == "HEAD" else int(headers[b"content-length"])
        body, rest = rest[:n_bytes], rest[n_bytes:]
        assert len(body) == n_bytes, "a reply is shorter than it says"
        status = int(head[1])
        check_reply(subjects.Answer(status, headers, body), method)
        found.append(status)
    return found


def check_reply(answer, method):
    """Check that a reply is documented, and what it promises to be."""
    assert answer.status in STATUSES, answer
    if method != "HEAD" and answer.headers.get(b"content-type") == b"application/json":
        json.loads(answer.body) if answer.status in (200, 401, 405, 408, 429, 431) else check_refusal(answer)
