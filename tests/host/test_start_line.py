"""The server's first line says what is served, and what walks its trees."""

import logging

import pytest

from forest_serving.host.model_choice import MODEL_VARIABLE, ModelChoice
from forest_serving.kernel.library import FOLDER
from forest_serving.models.store import Stored
from forest_serving.settings import read_settings
from tests.support.cards import card
from tests.support.kernels import libraries_in


@pytest.mark.parametrize("has_kernel", [True, False])
def test_it_says_whether_the_native_kernel_runs(has_kernel, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv(MODEL_VARIABLE, "")
    with libraries_in(FOLDER if has_kernel else tmp_path), caplog.at_level(logging.INFO):
        ModelChoice(Stored("iris_compiled:v1", card()), read_settings({})).pin()
    walk = "native kernel" if has_kernel else "NumPy (no native kernel loads here)"
    assert f"Serving iris_compiled:v1: decision_table, {walk}, SHA-256 " in caplog.text
