"""Steps that know values as categories."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from forest_serving.engines.fold.columns import Effect, Step, Values, one_to_one
from forest_serving.engines.fold.doubles import Floats, before
from forest_serving.engines.fold.labels import known_among, vocabulary_of
from forest_serving.engines.fold.slices import alone, at, quietly

_OWN = ("categories_", "_infrequent_indices", "_default_to_infrequent_mappings")


def one_hot(encoder: OneHotEncoder, n: int) -> Effect:
    """Return what a OneHotEncoder does to n columns: of each it makes one column for each category that it keeps."""
    own = (*_OWN, "drop_idx_", "_drop_idx_after_grouping", "_n_features_outs")
    ones = [alone(encoder, sparse_output=True, **at(encoder, i, *own)) for i in range(n)]
    places = [(i, place) for i in range(n) for place in range(encoder._n_features_outs[i])]
    return Effect([_encoding(one, one.handle_unknown == "error") for one in ones], places, is_by_column=True)


def ordinal(encoder: OrdinalEncoder, n: int) -> Effect:
    """Return what an OrdinalEncoder does to n columns."""
    gaps = [{0: encoder._missing_indices[i]} if i in encoder._missing_indices else {} for i in range(n)]
    ones = [alone(encoder, _missing_indices=gaps[i], **at(encoder, i, *_OWN)) for i in range(n)]
    return one_to_one([_encoding(one, one.handle_unknown == "error") for one in ones], is_by_column=True)


def by_target(encoder: TargetEncoder, n: int) -> Effect:
    """Return what a TargetEncoder does to n columns: of each it makes one, or one for each of several classes."""
    n_made = len(encoder.classes_) if encoder.target_type_ == "multiclass" else 1
    encodings = [encoder.encodings_[i * n_made : (i + 1) * n_made] for i in range(n)]
    ones = [alone(encoder, encodings_=encodings[i], **at(encoder, i, *_OWN)) for i in range(n)]
    places = [(i, place) for i in range(n) for place in range(n_made)]
    return Effect([_encoding(one, False) for one in ones], places, is_by_column=True)


def _encoding(encoder: Any, refuses_unknown: bool) -> Step:
    (categories,) = encoder.categories_
    transform = quietly(encoder.transform)
    vocabulary = vocabulary_of(categories)

    def encoded(values: Values) -> Any:
        return transform(values.astype(object) if vocabulary.in_objects else values)

    return Step(
        encoded,
        knows=known_among(categories) if refuses_unknown else None,
        harmless=categories[0],
        cuts=_beside(vocabulary.labels),
        vocabulary=vocabulary,
    )


def _beside(labels: tuple[Any, ...]) -> Floats:
    numbers = np.array([label for label in labels if isinstance(label, int | float)], np.float64)
    return np.unique(np.concatenate([before(numbers), numbers]))


EFFECTS: dict[type, Callable[[Any, int], Effect]] = {
    OneHotEncoder: one_hot,
    OrdinalEncoder: ordinal,
    TargetEncoder: by_target,
}
