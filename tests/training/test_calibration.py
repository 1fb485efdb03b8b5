"""Whether probabilities come true: bins as scikit-learn makes them, with counts and intervals."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from forest_serving.training.calibration import calibration


def answers(n_classes, n_rows=400):
    """Return the truth and probabilities of some rows, which have little to do with each other."""
    rng = np.random.default_rng(0)
    return rng.integers(0, n_classes, n_rows), rng.dirichlet(np.ones(n_classes), n_rows).round(2)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_bins_are_scikit_learns(n_classes):
    """Of the second of two classes, or of whichever class was predicted."""
    truth, probabilities = answers(n_classes)
    found = calibration(truth, probabilities, [f"class {n}" for n in range(n_classes)])
    told = probabilities[:, 1] if n_classes == 2 else probabilities.max(axis=1)
    held = truth == (1 if n_classes == 2 else probabilities.argmax(axis=1))
    expected = np.stack(calibration_curve(held, told, n_bins=10), axis=1)
    np.testing.assert_allclose([(each["true"], each["predicted"]) for each in found["bins"]], expected, atol=5e-5)
    assert found["of"] == ("class 1" if n_classes == 2 else "the predicted class")


def test_each_row_is_in_one_bin_and_the_expected_error_is_their_mean_distance_from_the_truth():
    truth, probabilities = answers(3)
    found = calibration(truth, probabilities, list("abc"))
    distances = [each["rows"] * abs(each["true"] - each["predicted"]) for each in found["bins"]]
    assert sum(each["rows"] for each in found["bins"]) == len(truth)
    assert found["expected_error"] == pytest.approx(sum(distances) / len(truth), abs=1e-4)


def test_probabilities_that_come_true_have_no_error_and_boasts_have():
    truth = np.repeat([0, 1], [20, 80])
    for told, error in ((0.8, 0.0), (1.0, 0.2)):
        probabilities = np.tile([1 - told, told], (100, 1))
        assert calibration(truth, probabilities, ["no", "yes"])["expected_error"] == pytest.approx(error)


def test_a_bin_of_few_rows_says_how_little_is_known():
    (few,) = calibration(np.array([1, 1]), np.array([[0.1, 0.9]] * 2), ["no", "yes"])["bins"]
    assert (few["true"], few["rows"]) == (1.0, 2)
    assert few["true_95_interval"][0] < 0.4
