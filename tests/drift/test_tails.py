"""Tails of distributions: SciPy's, which serving has not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forest_serving.drift.tails import chi_square_tail, share_tail


@given(st.floats(0, 1e4), st.integers(1, 110))
def test_the_tail_of_chi_square_is_scipys(statistic, n_free):
    assert chi_square_tail(statistic, n_free) == pytest.approx(stats.chi2.sf(statistic, n_free), rel=1e-10, abs=1e-300)


@given(st.integers(1, 3_000), st.integers(1, 1_000_000), st.floats(0, 1), st.floats(0, 1))
def test_the_tail_of_two_shares_is_scipys_exact_test(n_rows, n_rows_before, share, share_before):
    n_some, n_before = round(share * n_rows), round(share_before * n_rows_before)
    side = "greater" if n_some * n_rows_before >= n_before * n_rows else "less"
    table = [[n_some, n_rows - n_some], [n_before, n_rows_before - n_before]]
    expected = stats.fisher_exact(table, alternative=side).pvalue
    assert share_tail(n_some, n_rows, n_before, n_rows_before) == pytest.approx(expected, rel=1e-6, abs=1e-250)


@pytest.mark.parametrize("n_free", [0, -1])
def test_without_a_degree_of_freedom_everything_is_chance(n_free):
    assert chi_square_tail(9.0, n_free) == 1.0


def test_a_share_that_was_never_before_is_as_rare_as_drawing_it():
    """Two of ten rows have what none of 100 had: of 110 rows, both are among these ten."""
    assert share_tail(2, 10, 0, 100) == pytest.approx(10 * 9 / (110 * 109))
