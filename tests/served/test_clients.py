"""BentoML's own clients."""

import asyncio

import bentoml
import pytest
from bentoml.exceptions import InvalidArgument

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def test_the_synchronous_client_calls_both_methods(served_url):
    with bentoml.SyncHTTPClient(served_url) as client:
        assert client.predict(instances=ROWS) == {"predictions": [0, 2]}
        assert client.predict_proba(instances=ROWS[:1])["labels"] == ["setosa"]


def test_the_asynchronous_client_calls_both_methods(served_url):
    async def call():
        async with bentoml.AsyncHTTPClient(served_url) as client:
            return await client.predict(instances=ROWS), await client.predict_proba(instances=ROWS[:1])

    predictions, probabilities = asyncio.run(call())
    assert predictions == {"predictions": [0, 2]}
    assert probabilities["labels"] == ["setosa"]


def test_a_client_is_told_what_was_wrong(served_url):
    with bentoml.SyncHTTPClient(served_url) as client, pytest.raises(InvalidArgument, match="row 0 has 3"):
        client.predict(instances=[[1, 2, 3]])
