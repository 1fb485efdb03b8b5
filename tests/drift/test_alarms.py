"""How soon drift is found, and how rarely there is an alarm without: the curve of docs/explanation/drift.md."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier

from benchmarks.drift import MOST, SHIFTS, STEP, alarms, found_within
from forest_serving.training.columns import Column
from forest_serving.training.features import of_numbers
from tests.drift.cards import answers_like, churn, named, rows_like, watched
from tests.support.cards import CLASSES, card

N_STREAMS = 40


@pytest.fixture(scope="module")
def curves():
    """Return for each shift the share of streams in which it was found, by each STEP of rows."""
    return {shift: found_within(shift, N_STREAMS) for shift in SHIFTS}


@pytest.mark.parametrize("n_training", [200, 1_000, 20_000])
def test_of_a_thousand_windows_without_drift_at_most_one_in_a_hundred_alarms(n_training):
    """At any of the looks while it goes by, and at any of its columns, also after few rows of training data."""
    assert alarms(1_000, n_training) <= 0.01


def test_one_standard_deviation_is_found_within_500_rows(curves):
    """Behind a window full of rows without drift, in every stream."""
    assert curves[1.0][500 // STEP - 1] == 1.0


@pytest.mark.parametrize(("shift", "by_rows", "least"), [(0.5, 500, 0.9), (0.5, 1_000, 1.0), (1.0, 250, 0.95)])
def test_the_larger_the_drift_the_sooner_it_is_found(curves, shift, by_rows, least):
    assert curves[shift][by_rows // STEP - 1] >= least


def test_what_is_too_small_to_matter_is_no_drift(curves):
    """A fifth of a standard deviation is a PSI of 0.04."""
    assert curves[0.2][MOST // STEP - 1] <= 0.15


def test_a_found_share_never_falls_as_the_drift_grows(curves):
    assert all((np.diff([curves[shift][place] for shift in SHIFTS]) >= -0.1).all() for place in range(MOST // STEP))


@pytest.mark.parametrize("place", range(4))
def test_so_it_is_with_the_150_flowers_of_iris(place):
    flowers, species = load_iris(return_X_y=True)
    features = tuple(of_numbers(Column(f"number_{n}"), values) for n, values in enumerate(flowers.T))
    window, watch = watched(card("flowers", features, CLASSES, answer_counts=(50, 50, 50)))
    rng = np.random.default_rng(place)

    def send(n_rows, shift):
        chosen = rng.integers(0, 150, n_rows)
        window.add(flowers[chosen] + shift, species[chosen])
        return named(watch.look())

    assert not any([send(50, 0.0) for _ in range(200)])
    shift = flowers[:, place].std() * (np.arange(4) == place)
    assert [send(50, shift) for _ in range(10)][-1] == [f"number_{place}"]


@pytest.mark.parametrize(
    "model", [GradientBoostingClassifier(random_state=0), ExtraTreesClassifier(30, random_state=0)]
)
def test_a_model_that_learned_noise_by_heart_sees_no_drift_in_more_of_the_same(model):
    """It says "yes" to 1 in 5 of the rows that it learned, and to hardly any other."""
    rng = np.random.default_rng(0)
    rows, answers = rng.normal(size=(300, 4)), answers_like(rng, 300)
    counts = tuple(np.bincount(model.fit(rows, answers).predict(rows)).tolist())
    features = tuple(of_numbers(Column(f"number_{n}"), values) for n, values in enumerate(rows.T))
    window, watch = watched(card("noise", features, CLASSES[:2], answer_counts=counts))

    def send(shift):
        new = rng.normal([shift, 0, 0, 0], size=(1_000, 4))
        window.add(new, model.predict(new))
        return named(watch.look())

    assert not any([send(0.0) for _ in range(20)])
    assert send(1.0) == ["number_0", "prediction"]


@pytest.mark.parametrize("is_missing", [True, False])
def test_what_is_suddenly_missing_or_unknown_is_found(is_missing):
    """One more in ten has no value, or a category that the model does not know."""
    rng = np.random.default_rng(5)
    window, watch = watched(churn(20_000))
    rows = rows_like(rng, 1_000)
    odd = rng.random(1_000) < 0.1
    rows[:, 1 if is_missing else 2] = np.where(odd, np.nan if is_missing else -1, rows[:, 1 if is_missing else 2])
    window.add(rows, answers_like(rng, 1_000))
    assert named(watch.look()) == ["charges" if is_missing else "plan"]


STUCK = np.ones(400)
SPARSE = np.where(np.arange(400) < 390, 0.0, np.arange(400) - 395.0)
FLAG = np.arange(400) % 5 // 4.0


@pytest.mark.parametrize(
    ("training", "before", "after"),
    [(STUCK, 1, 2), (STUCK, 1, 0), (SPARSE, 0, 3), (SPARSE, 0, -9), (SPARSE, 0, 99), (FLAG, 1, 2), (FLAG, 0, -1)],
    ids=["stuck, above", "stuck, below", "sparse", "sparse, below", "sparse, above", "flag, above", "flag, below"],
)
def test_a_number_that_is_mostly_the_same_is_watched_too(training, before, after):
    """Its deciles are alike, and most or all rows are in one part."""
    model = card("sparse", (of_numbers(Column("number"), training),), CLASSES[:2], answer_counts=(200, 200))
    window, watch = watched(model)
    rng = np.random.default_rng(0)

    def send(becomes):
        rows = rng.choice(training, (1_000, 1))
        window.add(np.where(rows == before, becomes, rows), rng.integers(0, 2, 1_000))
        return named(watch.look())

    assert not any([send(before) for _ in range(50)])
    assert send(after) == ["number"]
