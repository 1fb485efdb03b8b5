"""IrisClassifier called in Python, as in a notebook or a unit test."""

import numpy as np
import pandas as pd
import pytest

from forest_serving.errors import InvalidInstances
from forest_serving.host.direct_calls import DirectModel
from tests.support import regression

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
FRAME = pd.DataFrame(ROWS, columns=NAMES)


@pytest.fixture(scope="module")
def classifier(bentoml_home):
    """Return an instance of the service's class."""
    from service import IrisClassifier

    return IrisClassifier()


@pytest.mark.parametrize(
    "instances",
    [
        ROWS,
        tuple(map(tuple, ROWS)),
        np.array(ROWS),
        FRAME,
        FRAME[NAMES[::-1]],
        FRAME.rename(columns={"sepal_length": "sepal length (cm)"}),
        FRAME.to_dict("records"),
    ],
    ids=["lists", "tuples", "array", "DataFrame", "columns reversed", "other spelling", "records"],
)
def test_a_direct_call_takes_rows_in_any_usual_form(classifier, instances):
    assert classifier.predict(instances) == {"predictions": [0, 2]}


def test_a_direct_call_answers_what_the_wire_does(classifier):
    answer = classifier.predict_proba(instances=ROWS[:1])
    assert answer == {"predictions": [0], "labels": ["setosa"], "probabilities": [[1.0, 0.0, 0.0]]}


@pytest.mark.parametrize(
    "instances",
    [
        [["a", 1, 2, 3]],
        [[1, 2, 3]],
        [],
        np.array([1.0, 2, 3, 4]),
        [[float("nan")] * 4],
        FRAME[NAMES[:3]],
        FRAME.assign(colour=1.0),
        FRAME[[*NAMES[:3], NAMES[0]]],
    ],
    ids=["text", "short", "empty", "one row", "NaN", "missing column", "unknown column", "doubled column"],
)
def test_a_direct_call_refuses_what_the_wire_does(classifier, instances):
    with pytest.raises(InvalidInstances):
        classifier.predict(instances)


@pytest.mark.parametrize(
    "form", [np.ndarray.tolist, np.asarray, lambda rows: pd.DataFrame(rows, columns=regression.NAMES)]
)
def test_a_direct_call_of_a_regressor_returns_numbers(regressor, form):
    rows = regression.ROWS[:20]
    expected = {"predictions": regression.forest().predict(rows).tolist()}
    assert DirectModel(regressor).predict(form(rows)) == expected


def test_a_regressor_has_no_probabilities_as_in_scikit_learn(regressor):
    with pytest.raises(AttributeError, match="has no probabilities"):
        DirectModel(regressor).predict_proba(regression.ROWS[:1])
