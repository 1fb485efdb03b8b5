"""A forest that splits gaps from numbers is refused; its engines would not know where to send a gap."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.compile import compile_forest
from forest_serving.engines.proof import prove
from forest_serving.errors import NotCompilable
from tests.support.forests import Trained, adversarial_rows, bits, probabilities_of

GAPS = [[np.nan], [np.nan], [1.0], [2.0]]  # where the label is told by whether there is a number


def refusal_of(forest, kind="auto"):
    with pytest.raises(NotCompilable) as refusal:
        compile_forest(forest, kind)
    return str(refusal.value)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_a_forest_fitted_with_gaps_here_and_there_is_refused(kind, share):
    rows, labels = load_breast_cancer(return_X_y=True)
    with_gaps = np.where(np.random.default_rng(0).random(rows.shape) < share, np.nan, rows)
    forest = RandomForestClassifier(20, random_state=0).fit(with_gaps, labels)
    assert refusal_of(forest, kind).startswith("The forest was trained with missing values (column ")


@pytest.mark.parametrize(("rows", "column"), [(np.array(GAPS), "0"), (pd.DataFrame(GAPS, columns=["age"]), '"age"')])
def test_the_refusal_names_the_column_and_the_way_out(rows, column):
    forest = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(rows, [0, 0, 1, 1])
    assert refusal_of(forest) == (
        f"The forest was trained with missing values (column {column} has a split for them); fill them in or drop those"
        " rows, then train."
    )


def test_a_forest_fitted_with_gaps_is_not_proved_either(engine):
    forest = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(GAPS, [0, 0, 1, 1])
    with pytest.raises(NotCompilable, match="missing values"):
        prove(engine, forest)


def test_gaps_that_left_no_mark_in_the_thresholds_do_not_matter_to_complete_rows(kind):
    """Where gaps go is written beside the thresholds; whoever has the training rows refuses them (training/)."""
    rows = np.random.default_rng(0).normal(size=(60, 3))
    with_gap = np.where(np.arange(180).reshape(60, 3) == 0, np.nan, rows)
    forest = RandomForestClassifier(3, max_depth=2, random_state=0).fit(with_gap, np.arange(60) % 3)
    engine, rows = compile_forest(forest, kind).engine, adversarial_rows(Trained(forest, rows), 1_000)
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(forest, rows)))
