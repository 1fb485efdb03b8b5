"""The limit on rows holds in every protocol."""

import asyncio
import json

import numpy as np
import pytest

from forest_serving.errors import TooManyRows
from forest_serving.protocols.endpoint import JSON
from tests.support.asked import INFER, INVOCATIONS, NATIVE, TORCHSERVE, V1, VERTEX, Asked, tensor
from tests.support.cards import card
from tests.support.in_process import Recorder, answer_of, gateway_of

ask, ask_one_row_at_most = Asked(), Asked(FOREST_MAX_ROWS="1")
TWO_ROWS = [[1, 2, 3, 4], [5, 6, 7, 8]]
REQUESTS = {
    NATIVE: {"instances": TWO_ROWS},
    VERTEX: {"instances": TWO_ROWS},
    TORCHSERVE: TWO_ROWS,
    INVOCATIONS: {"inputs": TWO_ROWS},
    V1: {"inputs": TWO_ROWS},
    INFER: {"inputs": [tensor(np.array(TWO_ROWS))]},
}


@pytest.mark.parametrize("path", REQUESTS)
def test_a_small_limit_on_rows_holds_for_small_bodies_too_and_names_its_variable(path):
    with pytest.raises(TooManyRows, match="FOREST_MAX_ROWS"):
        ask_one_row_at_most(path, json.dumps(REQUESTS[path]))


def test_a_million_empty_rows_are_not_looked_into():
    with pytest.raises(TooManyRows):
        ask(NATIVE, '{"instances": [' + ",".join(["[]"] * 300_000) + "]}")


@pytest.mark.parametrize("path", [INVOCATIONS, INFER])
def test_where_text_and_tensors_have_other_limits_both_settings_are_named(path):
    gateway = gateway_of(Recorder(card()))
    status, _, reply = asyncio.run(answer_of(gateway, "POST", path, [(b"content-type", JSON)], b" " * 4_000_000))
    assert (status, b"(FOREST_MAX_TENSOR_ROWS; of text 1,048,576, FOREST_MAX_BODY_BYTES)" in reply) == (413, True), (
        reply
    )
