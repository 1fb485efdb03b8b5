"""X and y as people bring them along with a fitted model → what the model's card shows of them."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from forest_serving.card import Feature
from forest_serving.engines.fold import RawColumn
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, Units, with_units
from forest_serving.training.features import features_of, gaps_allowed_in
from forest_serving.training.given_answers import answers_of
from forest_serving.training.given_columns import given_columns
from forest_serving.training.held_out import HeldOut, check_columns, held_out_of
from forest_serving.training.model_columns import columns_of_model
from forest_serving.training.raw_values import Floats, check_values, doubles_of
from forest_serving.training.sample import Sample

_Rows = tuple[list[RawColumn], Sequence[Column], Floats]


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
    raws, columns, rows = _rows(model, given, "X", units)
    if len(rows) == 0:
        raise BadTrainingData("X has no row; give the rows that the model was fitted to, or some of them.")
    features = features_of(raws, columns, rows, gaps_allowed_in(missing, raws, columns))
    label_column = str(getattr(answers, "name", None) or "")
    return Sample(rows, features, "rows given in Python", label_column, answers_of(answers, model, len(rows)))


def given_test(model: Any, test: Any, features: Sequence[Feature]) -> HeldOut:
    """Return rows to judge a model by.

    Args:
        model: what engines.unpacking.unpacked returns.
        test: X and y, as of a sample, of rows that it has not learned from.
        features: of its sample.

    Raises:
        BadTrainingData: if they do not fit the model, or a server would not answer them.
    """
    if not isinstance(test, tuple | list) or len(test) != 2 or test[1] is None:
        raise BadTrainingData("test must be a pair (X, y): rows that the model has not learned from, and their labels.")
    _, columns, rows = _rows(model, test[0], "X of the test")
    check_columns(columns, features, "X of the test")
    truth = answers_of(test[1], model, len(rows), " of the test")
    return held_out_of(rows, np.asarray(truth), features, 'X of the test, row {}, column "{}"'.format)


def _rows(model: Any, given: Any, what: str, units: Units | None = None) -> _Rows:
    """Return the columns that a model uses, and the rows, shape (n_rows, n_columns)."""
    own, (names, values) = columns_of_model(model), given_columns(given, what)
    raws, places = own.used, own.places_in(names, len(values), what)
    columns = with_units(own.called(names), units)
    wheres = [f'{what}, column "{column.text[:60]}"' for column in columns]
    rows = np.stack([doubles_of(values[i], raw, where) for i, raw, where in zip(places, raws, wheres, strict=True)], 1)
    check_values(rows, raws, columns, f'{what}, row {{}}, column "{{}}"'.format)
    return raws, columns, rows
