"""A gateway in this process, for more requests than a server could be sent in a test."""

import asyncio
from urllib.parse import unquote

import numpy as np

from forest_serving.http.assembly import make_gateway
from forest_serving.models.answers import Answers, Categories, Numbers
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import Reply
from forest_serving.protocols.predictor import Context
from forest_serving.protocols.routing import protocols_of, routes_of
from forest_serving.rows.reader import RowReader
from forest_serving.settings import read_settings


def gateway_of(model, features=None, explainer=None, **variables):
    """Return a gateway for a model, with these environment variables, rows that are stored, and what explains it."""
    settings = read_settings(variables)
    return make_gateway(
        None, model, settings, Monitor(model.card, settings, None), lambda: b"", features, explainer=explainer
    )


def context_of(model, **variables):
    """Return what protocols are made for, with these environment variables."""
    settings = read_settings(variables)
    return Context(model, RowReader(model.card, settings), settings)


def routes(model, **variables):
    """Return the protocols' routes, with these environment variables."""
    return routes_of(protocols_of(context_of(model, **variables)))


async def answer_of(gateway, method, path, headers=(), body=b""):
    """Return a reply's status, headers and body; the path may have a query."""
    sent = await sent_by(gateway, scope_of(method, path, headers), body, leaving=asyncio.Event())
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


async def sent_by(gateway, scope, body, leaving):
    """Return what is sent to a client that waits for its reply until the event "leaving" is set."""
    sent, bodies = [], [body]

    async def receive():
        if bodies:
            return {"type": "http.request", "body": bodies.pop()}
        await leaving.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await gateway(scope, receive, send)
    return sent


def scope_of(method, path, headers=()):
    """Return a request's head as ASGI has it."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "headers": headers,
        "client": ("x", 1),
        "query_string": query.encode(),
    }


def reply_now(endpoint, headers=(), body=b""):
    """Return an endpoint's reply; one that leaves others their turn finds none."""
    reply = endpoint.respond(dict(headers), body)
    return reply if isinstance(reply, Reply) else asyncio.run(reply)


class Recorder:
    """Stands for a model: keeps the rows that it was asked, and answers with the second class above zero.

    With the card of a regressor, it answers with each row's first number.
    """

    version = "v1"

    def __init__(self, card):
        self.card = card
        self._categories = Categories(card)

    def answer(self, rows, with_probabilities=False):
        self.rows = np.array(rows, np.float64)
        if not self.card.is_classifier:
            return Numbers(self.rows[:, 0])
        classes = [int(row[0] > 0) for row in rows]
        shares = np.eye(len(self.card.classes))[classes] if with_probabilities else None
        return Answers(self._categories, classes, shares)

    def is_quick(self, rows):
        return True

    async def answer_in_turns(self, rows, with_probabilities=False):
        return self.answer(rows, with_probabilities)

    async def answer_plane(self, row, x, y):
        rows = np.tile(np.array(row, np.float64), (len(y[1]), len(x[1]), 1))
        rows[..., x[0]], rows[..., y[0]] = x[1], y[1][:, np.newaxis]
        return np.array(self.answer(rows.reshape(-1, len(row))).results).reshape(rows.shape[:2])

    def describe(self):
        return {"name": self.card.name}
