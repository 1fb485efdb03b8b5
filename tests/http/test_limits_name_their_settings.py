"""A client that meets a limit is told which setting it comes from, and that setting exists."""

import asyncio
import io
import re

import numpy as np
import pytest

from forest_serving.errors import BadSetting
from forest_serving.settings import SETTINGS
from tests.support.cards import card, feature
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.support.servers import ROOT


def npy(n_rows):
    """Return an array of rows as numpy.save writes it."""
    stream = io.BytesIO()
    np.save(stream, np.ones((n_rows, 4)))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("path", "kind", "body", "variable"),
    [
        ("/predict", b"application/json", b" " * 3000, "FOREST_MAX_BODY_BYTES"),
        ("/v1/models/iris:predict", b"application/json", b" " * 3000, "FOREST_MAX_BODY_BYTES"),
        ("/invocations", b"application/json", b"[" * 3000, "FOREST_MAX_BODY_BYTES"),
        ("/invocations", b"application/json", b'{"inputs": [%s[1,2,3,4]]}' % (b"[1,2,3,4]," * 30), "FOREST_MAX_ROWS"),
        ("/invocations", b"text/csv", b"1,2,3,4\n" * 300, "FOREST_MAX_BODY_BYTES"),
        ("/invocations", b"application/jsonlines", b"[1,2,3,4]\n" * 300, "FOREST_MAX_BODY_BYTES"),
        ("/invocations", b"application/x-npy", npy(40), "FOREST_MAX_TENSOR_ROWS"),
        ("/v2/models/iris/infer", b"application/json", b" " * 90_000, "FOREST_MAX_TENSOR_ROWS"),
    ],
)
def test_a_limit_that_is_met_names_its_setting(path, kind, body, variable):
    limits = {"FOREST_MAX_BODY_BYTES": "2000", "FOREST_MAX_ROWS": "20", "FOREST_MAX_TENSOR_ROWS": "30"}
    gateway = gateway_of(Recorder(card()), **limits)
    status, _, reply = asyncio.run(answer_of(gateway, "POST", path, [(b"content-type", kind)], body))
    assert (status, variable in reply.decode()) == (413, True), reply


def test_every_setting_that_the_package_names_exists():
    named = {
        name
        for file in (ROOT / "forest_serving").rglob("*.py")
        for name in re.findall(r"\bFOREST_[A-Z_]*[A-Z]\b", file.read_text())
    }
    known = {setting.variable for setting in SETTINGS}
    assert {name for name in named if name.startswith(("FOREST_MAX_", "FOREST_BODY_"))} <= known


def test_limits_that_refuse_every_row_end_the_start_with_a_sentence():
    wide = card("wide", tuple(feature(f"column_{number}") for number in range(2_000)))
    with pytest.raises(BadSetting, match=r"Not even one row .*FOREST_MAX_BODY_BYTES"):
        gateway_of(Recorder(wide), FOREST_MAX_BODY_BYTES="1000")
