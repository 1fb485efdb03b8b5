"""What tests of connections share: gateways of two models in this process."""

import logging

import pytest
from uvicorn.protocols.http import auto, httptools_impl

from tests.fuzz.subjects import subjects


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
