"""Rows that were asked for by id are logged as rows in a body are."""

import asyncio
import json

import pytest

from forest_serving.http.assembly import make_gateway
from forest_serving.monitoring.monitor import Monitor
from forest_serving.settings import read_settings
from tests.prediction_log.logs import Kept, log_of
from tests.support.cards import CHURN
from tests.support.in_process import Recorder, answer_of

STORED = {
    "a17": {"Tenure": 12, "charges": None, "Plan type": "premium", "region": 99, "paperless": True},
    "b3": {"Tenure": -1, "charges": 20.5, "Plan type": "basic", "region": None, "paperless": False},
}


class Stored:
    """Where rows are, by id."""

    def find(self, ids):
        return [json.dumps(STORED[id]).encode() if id in STORED else None for id in ids]


@pytest.mark.parametrize("path", ["/predict", "/predict?missing=null"])
def test_what_is_stored_is_logged(path):
    log, settings = log_of(CHURN, sink := Kept()), read_settings({})
    monitor = Monitor(CHURN, settings, None)
    monitor.keep(log)
    gateway = make_gateway(None, Recorder(CHURN), settings, monitor, bytes, Stored())
    ids = ["a17", "b3"] if path == "/predict" else ["a17", "nobody", "b3"]
    status, _, _ = asyncio.run(answer_of(gateway, "POST", path, [], json.dumps({"ids": ids}).encode()))
    log.close()
    first, second = sink.records
    assert (status, first.features.f0, first.features.f2, first.unknown) == (200, 12.0, "premium", ("region",))
    assert (second.row, second.features.f1, second.features.f3) == (1, 20.5, None)
