"""The kernel contributes what NumPy does, to the last digits, over forests and tables that nobody trained."""

from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.kernel.library import kernel
from tests.support.explained_both_ways import check_explained, check_explained_cells


@given(st.binary(max_size=64))
@settings(max_examples=150, deadline=None)
def test_every_forest_is_explained_alike(content):
    assert kernel() is not None
    check_explained(content)


@given(st.binary(max_size=64))
@settings(max_examples=150, deadline=None)
def test_every_table_is_explained_alike(content):
    assert kernel() is not None
    check_explained_cells(content)
