"""X and y as people bring them along with a fitted model → what the model's card shows of them."""

from collections.abc import Collection
from typing import Any

import numpy as np

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Units, with_units
from forest_serving.training.features import features_of, gaps_allowed_in
from forest_serving.training.given_answers import answers_of
from forest_serving.training.given_columns import given_columns
from forest_serving.training.model_columns import columns_of_model
from forest_serving.training.raw_values import check_values, doubles_of
from forest_serving.training.sample import Sample


def given_sample(model: Any, given: Any, answers: Any, missing: Collection[str], units: Units | None) -> Sample:
    """Return a sample.

    Args:
        model: what engines.unpacking.unpacked returns.
        given: X: a DataFrame, an array or lists.
        answers: y: labels, or a regressor's targets; None if unknown.
        missing: names of columns where a value may be missing, even if none is in X.
        units: of the columns.

    Raises:
        BadTrainingData: if any of them does not fit the model, naming the row and the column.
    """
    own, (names, values) = columns_of_model(model), given_columns(given)
    raws, places = own.used, own.places_in(names, len(values))
    columns = with_units(own.called(names), units)
    wheres = [f'X, column "{column.text[:60]}"' for column in columns]
    rows = np.stack([doubles_of(values[i], raw, where) for i, raw, where in zip(places, raws, wheres, strict=True)], 1)
    if len(rows) == 0:
        raise BadTrainingData("X has no row; give the rows that the model was fitted to, or some of them.")
    check_values(rows, raws, columns, 'X, row {}, column "{}"'.format)
    features = features_of(raws, columns, rows, gaps_allowed_in(missing, raws, columns))
    label_column = str(getattr(answers, "name", None) or "")
    return Sample(rows, features, "rows given in Python", label_column, answers_of(answers, model, len(rows)))
