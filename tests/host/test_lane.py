"""The lane answers what came whole and small, and nothing else; whichever way is taken, the bytes are the same."""

import asyncio
import logging
import ssl
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config, Server
from uvicorn.protocols.http import auto, httptools_impl
from uvicorn.server import ServerState

from forest_serving.host.uvicorn_lane import lane_connection
from forest_serving.http.lane import Lane
from forest_serving.http.request import Exchange, read_request
from forest_serving.http.whole_heads import WholeHeads
from tests.fuzz.connections import NotingLane, Transport, check_both_ways, converse
from tests.fuzz.subjects import subjects
from tests.support.certificates import issue
from tests.support.wire import GOOD, GOOD_BODY, bare, chunked, chunks, request

JSON = b"Content-Type: application/json"
MANY_ROWS = request(b'{"instances": [%b]}' % b",".join([b"[0,0,0,0]"] * 4_000), target=b"/predict_proba")
TAKEN = {
    "a row": GOOD,
    "a row with a type": request(GOOD_BODY, JSON),
    "probabilities": request(GOOD_BODY, JSON, target=b"/predict_proba"),
    "TensorFlow Serving": request(b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}', target=b"/v1/models/iris:predict"),
    "CSV": request(b"5.1,3.5,1.4,0.2\n", b"Content-Type: text/csv", target=b"/invocations"),
    "a health check": bare(b"GET /ping HTTP/1.1", b"Host: x"),
    "metrics": bare(b"GET /metrics HTTP/1.1", b"Host: x"),
    "HEAD": bare(b"HEAD /model HTTP/1.1", b"Host: x"),
    "a query": bare(b"GET /model?a=b HTTP/1.1", b"Host: x"),
    "an encoded path": bare(b"GET /%6Dodel HTTP/1.1", b"Host: x"),
    "no row": request(b"{}", JSON),
    "no JSON": request(b"{", JSON),
    "an unknown path": request(GOOD_BODY, target=b"/predictions"),
    "an unknown method": request(b"", method=b"DELETE"),
    "a wrong type": request(GOOD_BODY, b"Content-Type: text/plain"),
    "a wrong Accept": request(GOOD_BODY, JSON, b"Accept: text/html"),
    "an id": request(GOOD_BODY, JSON, b"X-Request-ID: mine"),
    "an odd id": request(GOOD_BODY, JSON, b"X-Request-ID: \xff"),
    "a proxy's id": request(GOOD_BODY, JSON, b"x-request-id: mine"),
    "a proxy's odd id": request(GOOD_BODY, JSON, b"x-request-id: mine and yours"),
    "a proxy's long id": request(GOOD_BODY, JSON, b"x-request-id: " + b"m" * 129),
    "a last request": request(GOOD_BODY, JSON, b"Connection: close"),
    "a last check": bare(b"GET /ping HTTP/1.1", b"Host: x", b"Connection: close"),
    "a last HEAD": bare(b"HEAD /model HTTP/1.1", b"Host: x", b"Connection: keep-alive, close"),
    "a last request without a body": request(b"", b"Connection: close"),
    "a last request of an old proxy": bare(b"GET /model HTTP/1.1", b"Proxy-Connection: close"),
    "empty lines before it": b"\r\n" + GOOD,
}
NOT_TAKEN = {
    "an older version": bare(b"GET /model HTTP/1.0", b"Host: x"),
    "two at once": GOOD * 2,
    "half a body": GOOD[:-1],
    "half a head": GOOD[:30],
    "a byte too many": GOOD + b"x",
    "chunks": chunked(chunks(GOOD_BODY)),
    "an offer": request(GOOD_BODY, b"Connection: Upgrade", b"Upgrade: h2c"),
    "a question": request(GOOD_BODY, b"Expect: 100-continue"),
    "two lengths": request(GOOD_BODY, b"Content-Length: %d" % len(GOOD_BODY)),
    "two types": request(GOOD_BODY, JSON, JSON),
    "two ids": request(GOOD_BODY, JSON, b"x-request-id: mine", b"X-Request-ID: yours"),
    "two ids of proxies": request(GOOD_BODY, JSON, b"x-request-id: mine", b"x-request-id: yours"),
    "an id before the request": b"\r\nx-request-id: mine\r\n" + TAKEN["a health check"],
    "an id before a long answer": b"\r\nx-request-id: mine\r\n" + MANY_ROWS,
    "a length with a space": request(b"", length=b"0 "),
    "a length with a tab": request(b"", length=b"00\t"),
    "a large offer": request(GOOD_BODY, b"Connection: Upgrade", b"Upgrade: h" + b"2" * 47_000),
    "many offers": request(GOOD_BODY, b"Connection: Upgrade", *[b"Upgrade: h2c"] * 300),
    "an id that is no header": request(GOOD_BODY, JSON, b"x-request-id: a\x00b"),
    "a large body": request(b" " * 70_000),
    "a large body that is good": request(GOOD_BODY.ljust(70_000)),
    "a large body and what follows": request(GOOD_BODY.ljust(70_000)) + GOOD,
    "a large body that is not wanted": request(b" " * 70_000, target=b"/nothing") + GOOD,
    "a large body, twice": request(GOOD_BODY.ljust(70_000)) * 2,
    "a large body without its end": request(GOOD_BODY.ljust(70_000))[:-1],
    "a large reply": MANY_ROWS,
    "a long head": request(GOOD_BODY, b"X: " + b"x" * 5_000),
    "many fields": request(GOOD_BODY, *(b"X-%d: x" % n for n in range(60))),
    "BentoML's path": bare(b"GET /livez HTTP/1.1", b"Host: x"),
    "a line that ends early": b"GET /model HTTP/1.1\nHost: x\r\n\r\n",
    "no HTTP": b"nonsense\r\n\r\n",
    "a tunnel": bare(b"CONNECT x:1 HTTP/1.1", b"Host: x"),
    "an absolute target": bare(b"GET http://x HTTP/1.1", b"Host: x"),
}
PIECES = [*TAKEN.values(), *NOT_TAKEN.values()]


@pytest.fixture(scope="module")
def services():
    """Return gateways of two models in this process; undo what their connections do to uvicorn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auto, "AutoHTTPProtocol", auto.AutoHTTPProtocol)
        patch.setattr(httptools_impl, "RequestResponseCycle", httptools_impl.RequestResponseCycle)
        made = subjects()
        yield made
        for service in made:
            service.loop.close()
        logging.disable(logging.NOTSET)


class Writer:
    """A connection that keeps what is written."""

    def __init__(self):
        self.exchange, self.written, self.fields = None, [], ()

    def default_fields(self):
        return self.fields

    def write_reply(self, content, goes_on):
        self.written.append(content)

    def client_address(self, fields):
        return "x"


def answers_of(service, lane, asked):
    """Return a lane's answers to requests; counting needs an event loop."""
    writer = Writer()

    async def ask():
        assert all(lane.answer(each, writer) for each in asked)

    service.loop.run_until_complete(ask())
    return writer.written


@pytest.mark.parametrize("sent", TAKEN.values(), ids=TAKEN)
def test_a_small_request_that_comes_whole_is_answered_in_the_lane(services, sent):
    assert converse(services[0], sent, in_lane=True).n_in_lane == 1


@pytest.mark.parametrize("sent", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_is_not_surely_one_small_request_is_left_to_uvicorn(services, sent):
    assert converse(services[0], sent, in_lane=True).n_in_lane == 0


@pytest.mark.parametrize("sent", PIECES, ids=[*TAKEN, *NOT_TAKEN])
def test_a_request_gets_the_same_bytes_either_way(services, sent):
    check_both_ways(services[0], sent)


@pytest.mark.parametrize(
    "sent", [GOOD, TAKEN["HEAD"], NOT_TAKEN["two at once"], NOT_TAKEN["chunks"], NOT_TAKEN["an offer"]]
)
def test_a_request_gets_the_same_bytes_either_way_wherever_it_is_cut(services, sent):
    for cut in range(1, len(sent)):
        check_both_ways(services[0], sent, (cut,))


def test_the_lane_answers_one_request_after_another(services):
    spoken = converse(services[0], GOOD * 3, (len(GOOD), 2 * len(GOOD)), in_lane=True)
    assert (spoken.n_in_lane, spoken.written.count(b"HTTP/1.1 200 OK")) == (3, 3)


def test_over_https_too_a_request_that_comes_whole_is_answered_in_the_lane(services, tmp_path):
    """By uvicorn itself, in the event loop that it chooses."""
    files, lane = issue(tmp_path), NotingLane(services[0].gateway, [])
    tls = {"ssl_certfile": files.certificate, "ssl_keyfile": files.key}
    config = Config(lane.gateway, port=0, http=lane_connection(lane), lifespan="off", log_config=None, **tls)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        said = runner.run(say(Server(config), ssl.create_default_context(cafile=files.authority), [GOOD] * 3))
    assert [reply.startswith(b"HTTP/1.1 200 OK") for reply in said] == [True] * 3
    assert lane.n_answered == 3


async def say(server, context, requests):
    """Return what a server replies to requests, one after another, on one connection."""
    serving, said = asyncio.create_task(server.serve()), []
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    for sent in requests:
        writer.write(sent)
        said.append(await reader.read(65_536))
    writer.close()
    server.should_exit = True
    await serving
    return said


@pytest.mark.parametrize("name", [name for name in TAKEN if name.startswith("a last")])
def test_after_a_last_request_nothing_is_read(services, name):
    last = TAKEN[name]
    spoken = converse(services[0], last + GOOD, (len(last),), in_lane=True)
    assert spoken.written.count(b"HTTP/1.1") == 1


def test_empty_lines_between_requests_do_not_add_up(services):
    """Some clients send one after each body."""
    sent = (b"\r\n" * 2_000, GOOD) * 9
    cuts = [sum(map(len, sent[:n])) for n in range(1, len(sent))]
    assert check_both_ways(services[0], b"".join(sent), cuts) == [200] * 9


@pytest.mark.parametrize("name", ["a large offer", "many offers"])
def test_an_offer_counts_for_the_limits_of_a_head(services, name):
    assert check_both_ways(services[0], NOT_TAKEN[name]) == [431]


def test_half_a_character_in_a_name_is_refused_as_any_other_fault(services):
    assert check_both_ways(services[0], request(b'{"instances": [{"\\ud800": NaN}]}')) == [400]


def test_a_client_that_sends_another_head_each_time_fills_no_memory(services):
    """No more heads are kept than fit in a few megabytes."""
    lane = Lane(services[0].gateway)
    each_twice = [number // 2 for number in range(10_000)]
    answers_of(services[0], lane, [request(GOOD_BODY, b"X: %d" % number) for number in each_twice])
    assert 0 < len(lane._heads) <= 2_048
    assert 0 < len(lane._heads._seen) <= 2_048


def test_a_head_of_many_fields_is_answered_but_not_kept(services):
    lane = Lane(services[0].gateway)
    answers_of(services[0], lane, [request(GOOD_BODY, *(b"X-%d: x" % n for n in range(30)))] * 3)
    assert len(lane._heads) == 0


def test_a_head_that_comes_again_is_not_read_again(services):
    lane = Lane(services[0].gateway)
    answers_of(services[0], lane, [GOOD] * 3)
    assert list(lane._heads) == [GOOD[: -len(GOOD_BODY)]]


def test_requests_that_differ_in_their_ids_only_have_one_head_and_keep_their_ids(services):
    lane = Lane(services[0].gateway)
    asked = [request(GOOD_BODY, b"x-request-id: %d" % number) for number in range(3)]
    for number, answer in enumerate(answers_of(services[0], lane, asked)):
        assert b"\r\nx-request-id: %d\r\n" % number in answer
    assert len(lane._heads) == 1


def test_every_reply_has_the_header_fields_of_the_second_it_is_sent_in(services):
    lane, writer = Lane(services[0].gateway), Writer()

    async def ask():
        for date in (b"now", b"then"):
            writer.fields = [(b"date", date)]
            assert lane.answer(GOOD, writer)

    services[0].loop.run_until_complete(ask())
    assert [b"\r\ndate: then\r\n" in written for written in writer.written] == [False, True]


def test_what_is_decided_but_not_sent_keeps_its_place_and_its_beginning(services):
    writer, before_s = Writer(), perf_counter()
    assert not Lane(services[0].gateway).answer(MANY_ROWS, writer)
    assert writer.exchange.request.place == "/predict_proba"
    assert before_s <= writer.exchange.started_s <= perf_counter()


def test_a_head_that_has_to_meet_another_layer_is_left_alone(services):
    lane = Lane(services[0].gateway, left_alone=frozenset({b"origin"}))
    assert not lane.answer(request(GOOD_BODY, b"Origin: http://x"), Writer())


def test_bytes_that_are_more_than_one_head_are_none():
    assert WholeHeads().find(TAKEN["a health check"] + b"GET /ping HT")[0] is None
    assert WholeHeads().find(GOOD)[0] is None


@pytest.mark.parametrize("name", ["a row", "HEAD", "a last request", "an unknown path"])
def test_while_the_server_leaves_each_reply_is_the_last_either_way(services, name):
    drain = services[0].gateway.drain
    drain.has_begun = True
    try:
        check_both_ways(services[0], TAKEN[name] + GOOD, (len(TAKEN[name]),))
        spoken = converse(services[0], TAKEN[name] + GOOD, (len(TAKEN[name]),), in_lane=True)
    finally:
        drain.has_begun = False
    assert (spoken.written.count(b"HTTP/1.1"), spoken.written.count(b"\r\nconnection: close\r\n")) == (1, 1)


@pytest.mark.parametrize("in_lane", [True, False])
@pytest.mark.parametrize("cut", [40, 100, 65_000, 70_000, 70_100, 70_110, 140_150])
def test_after_a_large_body_the_next_request_is_read_wherever_they_are_cut(services, in_lane, cut):
    large = request(GOOD_BODY.ljust(70_000))
    written = converse(services[0], large + GOOD + large, (cut,), in_lane).written
    assert written.count(b"HTTP/1.1 200 OK") == 3


class TestAConnection:
    """What its lane may be asked, and what it keeps."""

    @pytest.fixture
    def talk(self, services):
        """Return a function that lets an action use a connection, its transport and its lane."""
        service = services[0]

        async def run(act):
            lane, transport = NotingLane(service.gateway, []), Transport(asyncio.get_running_loop())
            config = Config(service.gateway, lifespan="off", log_config=None, access_log=False)
            config.load()
            transport.protocol = protocol = lane_connection(lane)(config, ServerState(), {})
            protocol.connection_made(transport)
            act(protocol, transport, lane)
            transport.close()
            while protocol.tasks:
                await asyncio.sleep(0)

        return lambda act: service.loop.run_until_complete(run(act))

    def test_the_lane_answers_nobody_who_does_not_read(self, talk):
        def act(protocol, transport, lane):
            protocol.pause_writing()
            protocol.data_received(GOOD)
            assert lane.n_answered == 0

        talk(act)

    def test_after_the_end_nothing_is_answered(self, talk):
        def act(protocol, transport, lane):
            protocol.data_received(TAKEN["a last request"])
            protocol.data_received(GOOD)
            assert lane.n_answered == 1

        talk(act)

    def test_answers_count_for_uvicorn_and_begin_the_wait_for_the_next(self, talk):
        def act(protocol, transport, lane):
            protocol.data_received(GOOD)
            assert protocol.server_state.total_requests == 1
            assert protocol.deadline_s - protocol.loop.time() <= protocol.timeout_keep_alive

        talk(act)

    def test_what_was_decided_about_no_request_is_forgotten(self, talk):
        async def never():
            """Would be told by Python, were it not closed."""

        def act(protocol, transport, lane):
            protocol.exchange = Exchange(read_request("GET", "/", []), 0.0, never())
            protocol.data_received(b"nonsense\r\n\r\n")
            assert protocol.exchange is None

        talk(act)

    def test_of_a_large_body_no_more_is_read_than_somebody_takes(self, talk):
        def act(protocol, transport, lane):
            sent = request(b" " * 500_000)
            protocol.data_received(sent[:200_000])
            assert transport.is_paused

        talk(act)


@st.composite
def streams(draw):
    """Return what a client sends, and where it is cut: at the ends of requests, and anywhere."""
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
    sent = bytearray(b"".join(pieces))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(sent)))
        sent[start : start + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    ends = [sum(map(len, pieces[:n])) for n in range(1, len(pieces))]
    anywhere = st.integers(1, max(1, len(sent)))
    return bytes(sent), draw(st.lists(st.sampled_from(ends) | anywhere if ends else anywhere, max_size=6))


@settings(max_examples=300)
@given(streams())
def test_a_stream_of_requests_gets_the_same_bytes_either_way(services, stream):
    for service in services:
        check_both_ways(service, *stream)
