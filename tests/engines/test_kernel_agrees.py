"""The kernel finds what NumPy finds, to the bit, whatever a file holds that would be loaded.

Engines and rows follow from bytes; "make fuzz TARGET=kernel" gives the same checks bytes of its own, under sanitizers.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forest_serving.engines.walks import NativeWalk
from forest_serving.kernel.library import kernel
from tests.support import both_ways

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus" / "kernel"
CHOICES = st.binary(max_size=64)


@pytest.fixture(scope="module", autouse=True)
def _the_kernel_is_there():
    assert kernel() is not None


@given(CHOICES)
@settings(max_examples=200, deadline=None)
def test_every_forest_that_would_be_loaded_is_walked_alike(content):
    assume(both_ways.check_forest(content))


@given(CHOICES)
@settings(max_examples=500, deadline=None)
def test_every_table_that_the_kernel_searches_is_searched_alike(content):
    assume(both_ways.check_table(content))


def test_one_bit_that_differs_would_be_seen(monkeypatch):
    """Otherwise the tests above would say nothing."""
    content = (CORPUS / "many-rows").read_bytes()
    add = NativeWalk.add

    def add_wrongly(walk, first, last, ranks, sums):
        add(walk, first, last, ranks, sums)
        sums.view(np.int64)[-1, -1] += 1

    assert both_ways.check_forest(content)
    monkeypatch.setattr(NativeWalk, "add", add_wrongly)
    with pytest.raises(AssertionError):
        both_ways.check_forest(content)
