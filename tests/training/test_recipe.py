"""Training tree by tree, to count them, changes nothing."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from forest_serving.errors import BadTrainingData
from forest_serving.training.recipe import Recipe
from tests.support.training import NoBar

ROWS, LABELS = load_wine(return_X_y=True)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(trees=1),
        Recipe(trees=120, max_depth=2),
        Recipe(7, class_weight="balanced"),
        Recipe(7, class_weight="balanced_subsample", max_features=None, min_samples_leaf=5),
    ],
)
def test_the_forest_is_the_one_that_scikit_learn_fits_at_once(recipe):
    counted, plain = recipe.fit(ROWS, LABELS, NoBar()), recipe.forest().fit(ROWS, LABELS)
    assert counted.get_params() == plain.get_params()
    assert counted.predict_proba(ROWS).tobytes() == plain.predict_proba(ROWS).tobytes()
    for own, other in zip(counted.estimators_, plain.estimators_, strict=True):
        np.testing.assert_array_equal(own.tree_.threshold, other.tree_.threshold)


def test_more_features_than_there_are_is_refused():
    """scikit-learn would take them all without a word."""
    with pytest.raises(BadTrainingData, match=r"--max-features 14 is more than the 13 columns of the data\."):
        Recipe(max_features=14).fit(ROWS, LABELS, NoBar())


def test_a_recipe_in_a_card_has_no_null():
    assert None not in Recipe(max_features=None).facts().values()
