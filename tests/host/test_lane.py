"""The lane answers what came whole and small, and nothing else; whichever way is taken, the bytes are the same."""

import asyncio
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config, Server

from forest_serving.host.uvicorn_lane import lane_connection
from tests.fuzz.connections import NotingLane, check_both_ways, converse
from tests.support.certificates import issue
from tests.support.lane_requests import NOT_TAKEN, PIECES, TAKEN
from tests.support.wire import GOOD, GOOD_BODY, chunked, chunks, request


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
    spoken = converse(services[0], b"".join(sent), cuts, in_lane=True)
    assert spoken.written.count(b"HTTP/1.1 200 OK") == spoken.n_in_lane == 9


@pytest.mark.parametrize("in_lane", [True, False])
def test_a_path_that_a_stranger_makes_up_is_counted_under_one_name(services, in_lane):
    (noted,) = converse(services[0], TAKEN["an unknown path"], (), in_lane).noted
    assert noted[:3] == ("unknown", "POST", "/predictions")


def test_chunks_that_come_at_once_have_the_limit_of_a_body(services):
    assert check_both_ways(services[1], chunked(chunks(b" " * 30_000))) == [413]


@pytest.mark.parametrize("name", ["a large offer", "many offers"])
def test_an_offer_counts_for_the_limits_of_a_head(services, name):
    assert check_both_ways(services[0], NOT_TAKEN[name]) == [431]


def test_half_a_character_in_a_name_is_refused_as_any_other_fault(services):
    assert check_both_ways(services[0], request(b'{"instances": [{"\\ud800": NaN}]}')) == [400]


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
