"""PSI, χ² of two samples and Holm's correction, against SciPy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forest_serving.drift.comparing import chi_square, holm, population_stability


def random_counts(seed, n_columns=5, n_groups=8):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(20, 5_000, (n_columns, 1))
    return rng.multinomial(sizes.ravel(), rng.dirichlet(np.full(n_groups, 3.0))).astype(float)


@given(st.integers(0, 2**32 - 1))
def test_chi_square_is_scipys_test_of_a_contingency_table(seed):
    window, training = random_counts(seed), random_counts(seed + 1)
    for found, *table in zip(chi_square(window, training), window, training, strict=True):
        used = np.array(table)[:, np.sum(table, axis=0) > 0]
        assert found == pytest.approx(stats.chi2_contingency(used, correction=False).pvalue, rel=1e-9, abs=1e-290)


def test_with_many_training_rows_it_is_scipys_test_against_known_shares():
    window, shares = np.array([[90.0, 210.0, 700.0]]), np.array([0.1, 0.2, 0.7])
    (found,) = chi_square(window, 1e12 * shares[np.newaxis])
    assert found == pytest.approx(stats.chisquare(window[0], 1000 * shares).pvalue, rel=1e-6)


def test_psi_is_the_sum_over_shares():
    (found,) = population_stability(np.array([[30.0, 70.0]]), np.array([[500.0, 500.0]]))
    assert found == pytest.approx(-0.2 * np.log(0.6) + 0.2 * np.log(1.4))


def test_psi_takes_a_share_of_nothing_for_a_very_small_one():
    (found,) = population_stability(np.array([[0.0, 10.0, 0.0]]), np.array([[10.0, 10.0, 0.0]]))
    assert found == pytest.approx((1e-4 - 0.5) * np.log(2e-4) + 0.5 * np.log(2))


def test_nothing_compares_with_nothing():
    nothing = np.zeros((1, 3))
    assert (chi_square(nothing, nothing), population_stability(nothing, nothing).tolist()) == ([1.0], [0.0])


def test_holm_multiplies_the_smallest_chance_by_how_many_there_are():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@given(st.lists(st.floats(0, 1), max_size=20))
def test_holm_is_never_below_the_chance_itself_nor_above_one(chances):
    assert all(chance <= corrected <= 1 for chance, corrected in zip(chances, holm(chances), strict=True))
