"""requests, but head and body leave in one packet, as from Go, Java, curl and most other clients: what a lane may take.

The package "requests" sends them apart, so that a server meets half a request.
"""

from functools import partial

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _KeepsHead:
    """Keeps a head until the body's first part comes, or the answer is wanted."""

    is_head, head = False, b""

    def endheaders(self, *arguments, **named):
        self.is_head = True
        super().endheaders(*arguments, **named)

    def send(self, data):
        if self.is_head:
            self.is_head, self.head = False, data
            return
        head, self.head = self.head, b""
        super().send(head + data)

    def getresponse(self):
        if self.head:
            self.send(b"")
        return super().getresponse()


class _Plain(HTTPConnectionPool):
    ConnectionCls = type("Plain", (_KeepsHead, HTTPConnection), {})


class _Secret(HTTPSConnectionPool):
    ConnectionCls = type("Secret", (_KeepsHead, HTTPSConnection), {})


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments, **named):
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Plain, "https": _Secret}


class Session(requests.Session):
    """A session whose requests leave whole."""

    def __init__(self):
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())


def request(method, url, **options):
    """Send a request on a connection of its own."""
    with Session() as session:
        return session.request(method, url, **options)


get = partial(request, "GET")


def post(url, data=None, **options):
    """Send a body."""
    return request("POST", url, data=data, **options)
