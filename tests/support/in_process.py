"""A gateway in this process, for more requests than a server could be sent in a test."""

from forest_serving.http.gateway import Gateway
from forest_serving.monitoring.counts import Counts
from forest_serving.monitoring.monitor import Monitor
from forest_serving.monitoring.snapshots import Snapshots
from forest_serving.protocols.table import dialects_of, routes_of
from forest_serving.settings import read_settings


def gateway_of(model, **variables):
    """Return a gateway for a model, with these environment variables."""
    settings = read_settings(variables)
    monitor = Monitor(Snapshots(Counts([0] * 3, [0] * 4), None), [[0, 9]] * 4, settings)
    return Gateway(None, routes_of(model, lambda: b"", settings), dialects_of("v1"), "v1", monitor, settings)


async def answer_of(gateway, method, path, headers=(), body=b""):
    """Return a reply's status, headers and body."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": headers,
        "client": ("x", 1),
        "query_string": b"",
    }
    await gateway(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])
