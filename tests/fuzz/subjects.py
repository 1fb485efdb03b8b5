"""The services that are fuzzed: the real gateway in this process, for two models as different as their cards can be."""

import asyncio
import logging
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from forest_serving.card import Category
from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import card, feature
from tests.support.compiled import compiled
from tests.support.in_process import answer_of, gateway_of

N_CHECKED = 30  # of the rows that were read, so many are given to scikit-learn
SMALL_BYTES = 10_000  # whose answers wait for nothing


class Answer(NamedTuple):
    """A reply, and the rows that the service took the request for; None if it refused."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    rows: Any = None


class Subject:
    """A service.

    Args:
        card: its model's.
        forest: what the model was compiled from: the oracle.
        engine: the kind of engine.
        variables: its settings.
    """

    def __init__(self, card, forest, engine, **variables):
        self.card, self.forest, self.loop = card, forest, asyncio.new_event_loop()
        model = LoadedModel(f"{card.name}_compiled:v1", card, compiled(forest, engine))
        self.gateway = gateway_of(model, AIP_PREDICT_ROUTE="/vertex", **variables)
        self.gateway.app = _others
        self.max_rows = self.gateway.bodies.settings.max_rows
        self._count, self.gateway.monitor.answered = self.gateway.monitor.answered, self._note
        self._labels: dict[bytes, list] = {}
        self.noted: list[tuple] = []  # what was counted of each request

    def post(self, path, body, *headers):
        """Return the answer to a request; a fault of the service is raised. In the path, NAME is the model's."""
        self._reply = None
        asked = answer_of(self.gateway, "POST", path.replace("NAME", self.card.name), headers, body)
        status, found, content = self._run(asked) if len(body) <= SMALL_BYTES else self.loop.run_until_complete(asked)
        rows = None if self._reply.asked is None else np.asarray(self._reply.asked[0], np.float64)
        return Answer(status, found, content, rows)

    def labels_of(self, rows):
        """Return what scikit-learn answers to the first rows."""
        key = rows[:N_CHECKED].tobytes()
        if key not in self._labels:
            if len(self._labels) > 10_000:
                self._labels.clear()
            self._labels[key] = self.forest.predict(rows[:N_CHECKED]).tolist()
        return self._labels[key]

    def _run(self, coroutine):
        """Return what a coroutine that never waits returns; a turn of the event loop would take most of the time."""
        asyncio._set_running_loop(self.loop)
        try:
            while True:
                coroutine.send(None)
        except StopIteration as done:
            return done.value
        finally:
            asyncio._set_running_loop(None)

    def _note(self, request, reply, *others):
        self._reply = reply
        self.noted.append((request.place, request.method, request.path, reply.status, reply.reason))
        self._count(request, reply, *others)
        if reply.fault:
            raise reply.fault


async def _others(scope, receive, send):
    """Answer what the gateway passes on to BentoML's application."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _iris():
    """Return Iris: numbered classes, a decision table, the limits as shipped."""
    rows, labels = load_iris(return_X_y=True)
    forest = RandomForestClassifier(5, max_depth=4, random_state=0, n_jobs=1).fit(rows, labels)
    return Subject(card(), forest, "decision_table")


def _odd():
    """Return a model with odd names and text for labels, a forest that is walked, and limits that are soon met."""
    rng = np.random.default_rng(0)
    rows = rng.uniform(-9, 9, (100, 3))
    labels = np.array(["no", "yes, soon", 'Δ "x"'])[rng.integers(0, 3, 100)]
    forest = RandomForestClassifier(5, max_depth=4, random_state=0, n_jobs=1).fit(rows, labels)
    features = (feature("net", 'net, "dry"'), feature("a_b", "a:b"), feature("features", "größe"))
    classes = tuple(Category(label=label, name=label) for label in forest.classes_.tolist())
    limits = {"FOREST_MAX_ROWS": "12", "FOREST_MAX_TENSOR_ROWS": "20", "FOREST_MAX_BODY_BYTES": "20000"}
    return Subject(card("odd", features, classes), forest, "forest", **limits)


def subjects():
    """Return the services, of which nothing is logged."""
    logging.disable(logging.CRITICAL)
    return _iris(), _odd()
