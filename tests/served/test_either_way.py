"""Two servers, one of which has no lane, say the same, byte by byte, but for their ids and the date."""

import re
import socket

import pytest

from tests.support.lane_requests import NOT_TAKEN, TAKEN
from tests.support.proxies import read_all
from tests.support.wire import connect

# The metrics tell of other requests, one by one; the rest are no single request, so nobody knows when all is said.
LEFT_OUT = {"metrics", "half a body", "half a head", "two at once", "a large body without its end"}
LEFT_OUT |= {"a large body, twice", "a large body and what follows", "a large body that is not wanted"}
ALL = {name: sent for name, sent in (TAKEN | NOT_TAKEN).items() if name not in LEFT_OUT}
OWN = re.compile(rb"(x-request-id: [0-9a-f]{12}-[0-9a-f]+|date: [^\r]+)\r\n")


def said(url, sent):
    """Return all that a server says to a client that sends no more than this, but for the date and a new id."""
    with connect(url) as sock:
        sock.sendall(sent)
        sock.recv(1, socket.MSG_PEEK)  # told earlier that no more comes, a server may say that it will close
        sock.shutdown(socket.SHUT_WR)
        return OWN.sub(b"", read_all(sock))


@pytest.mark.parametrize("sent", ALL.values(), ids=ALL)
def test_a_request_gets_the_same_bytes_from_either_server(served_url, laneless_url, sent):
    assert said(served_url, sent) == said(laneless_url, sent)
