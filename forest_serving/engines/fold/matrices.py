"""A matrix on its way through all steps of a model, column by column."""

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import _safe_indexing

from forest_serving.engines.fold import encoders, gaps, numbers
from forest_serving.engines.fold.columns import Column, Effect, Form, Step
from forest_serving.engines.fold.slices import in_silence, quietly

_EFFECTS = numbers.EFFECTS | gaps.EFFECTS | encoders.EFFECTS


class CannotFold(Exception):
    """A step is none that is known to work on single columns.

    Args:
        name: its name in the pipeline.
        step: what it is.
    """

    def __init__(self, name: str, step: Any) -> None:
        function = getattr(step, "func", None)
        of = f" of {getattr(function, '__name__', function)}" if function is not None else ""
        super().__init__(f'"{name}" ({type(step).__name__}{of})')


class Matrix(NamedTuple):
    """Columns, and a row of what they stand for.

    Attributes:
        columns: in their order.
        row: the same matrix as scikit-learn makes it of one row, by which the types are known; None: not known yet.
    """

    columns: list[Column]
    row: Any = None

    def picked(self, places: list[int]) -> "Matrix":
        """Return the matrix of some columns, as a ColumnTransformer picks them."""
        row = None if self.row is None else _safe_indexing(self.row, places, axis=1)
        return Matrix([self.columns[place] for place in places], row)

    def as_one(self) -> "Matrix":
        """Return the matrix as scikit-learn makes one of a table: its numbers have one type."""
        if not hasattr(self.row, "dtypes"):
            return self
        types = [form.dtype for form in _forms(self.row)]
        same = Form(np.result_type(*types)) if types and not any(kind.kind == "O" for kind in types if kind) else Form()
        return Matrix([_with_form(column, same) for column in self.columns], self.row)


class Path:
    """The way of a model's columns, and every step on it that may refuse a value.

    Attributes:
        watched: columns that steps made, or would make, of others; what is refused on the way to one, is refused.
    """

    def __init__(self) -> None:
        self.watched: list[Column] = []

    def through(self, step: Any, matrix: Matrix, name: str = "") -> Matrix:
        """Return what a fitted step makes of a matrix.

        Args:
            step: a transformer, a Pipeline or a ColumnTransformer of them, "passthrough" or None.
            matrix: what it is given.
            name: of the step, for errors.

        Raises:
            CannotFold: if it is not known to make each column of one column.
        """
        if step is None or (isinstance(step, str) and step == "passthrough"):
            return matrix
        if type(step) is Pipeline:
            for part, (own, own_step) in enumerate(step.steps):
                matrix = self.through(own_step, matrix, own or f"{name}[{part}]")
            return matrix
        row = None if matrix.row is None else in_silence(step.transform, matrix.row)
        if type(step) is ColumnTransformer:
            columns = self._side_by_side(_parts_of_columns(step), step.transformer_weights, matrix)
        elif type(step) is FeatureUnion:
            columns = self._side_by_side(_parts_of_union(step, matrix), step.transformer_weights, matrix)
        else:
            effect = _effect(step, len(matrix.columns), name)
            columns = self._by(_unlooked(effect) if _keeps_tables(step, matrix.row, row) else effect, matrix)
        return _formed(columns, row)

    def watch(self, columns: list[Column], step: Step) -> None:
        """Note that a step looks at each of these columns."""
        self.watched += [Column(column.source, column, step) for column in columns]

    def _side_by_side(
        self, parts: list[tuple[str, Any, list[int]]], weights: dict[str, float] | None, matrix: Matrix
    ) -> list[Column]:
        columns: list[Column] = []
        for name, step, places in parts:
            made = self.through(step, matrix.picked(places), name).columns
            weight = (weights or {}).get(name)
            columns += made if weight is None else [_weighted(column, weight) for column in made]
        return columns

    def _by(self, effect: Effect, matrix: Matrix) -> list[Column]:
        given = (matrix if effect.is_by_column else matrix.as_one()).columns
        self.watched += [Column(column.source, column, step) for column, step in zip(given, effect.steps, strict=True)]
        return [Column(given[i].source, given[i], effect.steps[i], place) for i, place in effect.made]


def _effect(step: Any, n: int, name: str) -> Effect:
    kind = type(step)
    if issubclass(kind, SelectorMixin) and kind.__module__.startswith("sklearn."):
        kind = SelectorMixin
    effect = _EFFECTS[kind](step, n) if kind in _EFFECTS else None
    if effect is None:
        raise CannotFold(name, step)
    return effect


def _keeps_tables(step: Any, given: Any, made: Any) -> bool:
    """Return whether a selector takes columns out of a table as they are, without a look at them."""
    return isinstance(step, SelectorMixin) and hasattr(given, "dtypes") and hasattr(made, "dtypes")


def _unlooked(effect: Effect) -> Effect:
    return Effect([step._replace(takes_missing=True, limit=np.inf) for step in effect.steps], effect.made, True)


def _parts_of_columns(step: ColumnTransformer) -> list[tuple[str, Any, list[int]]]:
    places = step._transformer_to_input_indices
    parts = [(name, part, [int(place) for place in places[name]]) for name, part, _ in step.transformers_]
    return [(name, part, own) for name, part, own in parts if own and not (isinstance(part, str) and part == "drop")]


def _parts_of_union(step: FeatureUnion, matrix: Matrix) -> list[tuple[str, Any, list[int]]]:
    everything = list(range(len(matrix.columns)))
    return [
        (name, part, everything)
        for name, part in step.transformer_list
        if part is not None and not (isinstance(part, str) and part == "drop")
    ]


def _weighted(column: Column, weight: float) -> Column:
    return Column(column.source, column, Step(quietly(lambda values: values * weight), limit=np.inf))


def _formed(columns: list[Column], row: Any) -> Matrix:
    if row is None:
        return Matrix(columns)
    forms = _forms(row)
    if len(forms) != len(columns):
        raise ValueError(f"{len(columns)} columns were expected where scikit-learn makes {len(forms)}")
    return Matrix([_with_form(column, form) for column, form in zip(columns, forms, strict=True)], row)


def _forms(row: Any) -> list[Form]:
    if hasattr(row, "dtypes"):
        return [Form(kind if isinstance(kind, np.dtype) else np.dtype(object)) for kind in row.dtypes]
    return [Form(row.dtype, sparse.issparse(row))] * row.shape[1]


def _with_form(column: Column, form: Form) -> Column:
    return Column(column.source, column.before, column.step, column.place, form)
