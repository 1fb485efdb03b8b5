"""When a connection asks its lane, and what it keeps of the answer."""

import asyncio

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from forest_serving.host.uvicorn_lane import lane_connection
from forest_serving.http.request import Exchange, read_request
from tests.fuzz.connections import NotingLane, Transport
from tests.support.lane_requests import TAKEN
from tests.support.wire import GOOD, request


@pytest.fixture
def talk(services):
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


def test_the_lane_answers_nobody_who_does_not_read(talk):
    def act(protocol, transport, lane):
        protocol.pause_writing()
        protocol.data_received(GOOD)
        assert lane.n_answered == 0

    talk(act)


def test_after_the_end_nothing_is_answered(talk):
    def act(protocol, transport, lane):
        protocol.data_received(TAKEN["a last request"])
        protocol.data_received(GOOD)
        assert lane.n_answered == 1

    talk(act)


def test_answers_count_for_uvicorn_and_begin_the_wait_for_the_next(talk):
    def act(protocol, transport, lane):
        protocol.data_received(GOOD)
        assert protocol.server_state.total_requests == 1
        assert protocol.deadline_s - protocol.loop.time() <= protocol.timeout_keep_alive

    talk(act)


def test_what_was_decided_about_no_request_is_forgotten(talk):
    async def never():
        """Would be told by Python, were it not closed."""

    def act(protocol, transport, lane):
        protocol.exchange = Exchange(read_request("GET", "/", [], b"/"), 0.0, never())
        protocol.data_received(b"nonsense\r\n\r\n")
        assert protocol.exchange is None

    talk(act)


def test_of_a_large_body_no_more_is_read_than_somebody_takes(talk):
    def act(protocol, transport, lane):
        sent = request(b" " * 500_000)
        protocol.data_received(sent[:200_000])
        assert transport.is_paused

    talk(act)
