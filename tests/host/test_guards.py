"""A server whose requests would not meet the gateway does not start; without this, keys and limits would be gone."""

import pytest
import uvicorn

from forest_serving.host.guards import find_fault, gateway_of
from forest_serving.host.uvicorn_connection import Connection
from forest_serving.host.uvicorn_lane import lane_connection
from forest_serving.http.lane import Lane
from tests.support.ended import Ended
from tests.support.in_process import gateway_of as gateway_of_model

WITHOUT_THE_GATEWAY = """
import sys
if "_bentoml_impl.worker.service" in sys.orig_argv:
    from _bentoml_sdk.service import factory
    from _bentoml_impl.server.app import ServiceAppFactory
    import forest_serving.host.behind_gateway as ours
    def to_asgi(service, is_main=True):
        service.inject_config()
        return ServiceAppFactory(service, is_main=is_main)()
    ours.BehindGateway.to_asgi = to_asgi
"""
ON_ANOTHER_CONNECTION = """
import sys
if "_bentoml_impl.worker.service" in sys.orig_argv:
    import uvicorn
    made = uvicorn.Config.__init__
    uvicorn.Config.__init__ = lambda *args, **options: made(*args, **options | {"http": "h11"})
"""


@pytest.fixture(
    scope="module",
    params=[
        (WITHOUT_THE_GATEWAY, 1, "BentoML serves an application without the gateway"),
        (ON_ANOTHER_CONNECTION, 2, "uvicorn takes connections of the kind H11Protocol"),
    ],
    ids=["no gateway", "another connection"],
)
def broken(request, tmp_path_factory):
    """Start a server that an upgrade has broken; return how it ended, and the fault."""
    breaker, workers, fault = request.param
    return Ended(breaker, tmp_path_factory.mktemp("broken"), workers), fault


def test_the_server_ends_with_a_sentence_that_says_how_to_fix_it(broken):
    ended, fault = broken
    sentence = f"so it does not start: {fault}. Install the versions of BentoML, kantoku and uvicorn that"
    assert sentence in ended.output
    assert "Traceback" not in ended.output


def test_the_server_fails_for_whoever_started_it(broken):
    assert broken[0].code == 1


def test_the_server_answers_nobody(broken):
    assert broken[0].replies == b""


def test_a_server_whose_settings_cannot_be_found_is_taken_for_broken():
    assert find_fault(None) == "uvicorn's settings cannot be found"


def test_connections_of_uvicorns_own_kind_are_a_fault():
    async def app(scope, receive, send):
        """Answer nothing."""

    config = uvicorn.Config(app, http=Connection, log_config=None)
    config.load()
    assert gateway_of(config.loaded_app) is None
    assert find_fault(config) == "BentoML serves an application without the gateway"


def test_connections_that_ask_another_gateway_are_a_fault(regressor):
    gateway, other = gateway_of_model(regressor), gateway_of_model(regressor)
    config = uvicorn.Config(gateway, http=lane_connection(Lane(other)), log_config=None)
    config.load()
    assert find_fault(config) == "its connections ask another gateway"
    config.http_protocol_class.lane = Lane(gateway)
    assert find_fault(config) == ""
