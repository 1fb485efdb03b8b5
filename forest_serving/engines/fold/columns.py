"""One column on its way through the steps of a pipeline, and what each step does to it by itself.

The steps are scikit-learn's own, cut down to one column, so that a number comes out as it does in the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from forest_serving.card import LARGEST, Label
from forest_serving.engines.fold.doubles import Floats, Mask

Values = NDArray[Any]  # of one column, shape (n,)


NO_CUTS: Floats = np.empty(0)


class Vocabulary(NamedTuple):
    """What a step knows by its value.

    Attributes:
        labels: the categories, or the mark of a gap, without what is missing.
        missing: None, NaN or both, where a step knows those.
        in_objects: whether it was trained with Python's objects rather than with numbers.
        is_encoded: whether it is an encoder's, which takes nothing for a number.
    """

    labels: tuple[Label, ...] = ()
    missing: tuple[Any, ...] = ()
    in_objects: bool = False
    is_encoded: bool = False


class Step(NamedTuple):
    """What a fitted step does to one column.

    Attributes:
        apply: from the column, shape (n, 1), dense or sparse, to the columns made of it, shape (n, n_made).
        takes_missing: whether it answers where a value is missing, rather than to refuse the rows.
        limit: the largest magnitude that it answers.
        knows: which values it answers, where those are listed.
        harmless: a value that it answers.
        cuts: ascending doubles; on (cuts[i], cuts[i+1]], below the first and above the last, it is monotone.
        keeps_values: whether all it changes are gaps, so that a category behind it is the category in front.
        vocabulary: what it knows by its value, if anything.
    """

    apply: Callable[[Any], Any]
    takes_missing: bool = True
    limit: float = LARGEST
    knows: Callable[[Values], Mask] | None = None
    harmless: Any = 0.0
    cuts: Floats = NO_CUTS
    keeps_values: bool = False
    vocabulary: Vocabulary = Vocabulary()

    def refuses(self, values: Values) -> Mask:
        """Return which values are answered with an error."""
        refused = np.full(len(values), False)
        if values.dtype.kind == "f":
            refused = np.where(np.isnan(values), not self.takes_missing, np.abs(values.astype(np.float64)) > self.limit)
        elif values.dtype.kind == "O" and not self.takes_missing:
            refused = np.array([isinstance(value, float) and np.isnan(value) for value in values], bool)
        return refused if self.knows is None else refused | ~self.knows(values)

    def spared(self, values: Values, refused: Mask) -> Values:
        """Return the values with others in place of what is refused: the nearest, where there is a nearest."""
        if not refused.any():
            return values
        values, is_number = values.copy(), np.full(len(values), False)
        if values.dtype.kind == "f":
            is_number = np.abs(values.astype(np.float64)) > self.limit
            most = min(self.limit, float(np.finfo(values.dtype).max))
            values[is_number] = np.clip(values[is_number], -most, most)
        values[refused & ~is_number] = self.harmless
        return values


class Effect(NamedTuple):
    """What a fitted step does to a matrix: each column made comes from one column.

    Attributes:
        steps: for each column given, in their order.
        made: of each column made, which one it comes from, and the place in what steps[it].apply returns.
        is_by_column: whether a table's columns keep their own types, rather than becoming one matrix first.
    """

    steps: list[Step]
    made: list[tuple[int, int]]
    is_by_column: bool = False


def one_to_one(steps: list[Step], is_by_column: bool = False) -> Effect:
    """Return the effect of a step that makes one column of each."""
    return Effect(steps, [(i, 0) for i in range(len(steps))], is_by_column)


class Form(NamedTuple):
    """What a column is kept in: the type of its values (None: as they come), and whether its matrix is sparse."""

    dtype: np.dtype[Any] | None = None
    is_sparse: bool = False


AS_IT_COMES = Form()


@dataclass(frozen=True, eq=False)
class Column:
    """A column of X (source), or what a step made of another one."""

    source: int
    before: "Column | None" = None
    step: Step | None = None
    place: int = 0
    form: Form = AS_IT_COMES

    @property
    def is_as_given(self) -> bool:
        """Whether its values are those of X, but for gaps."""
        return self.before is None or (self.before.is_as_given and self.step is not None and self.step.keeps_values)


class Walk:
    """The same values of a column of X, taken through any number of steps, each of them once."""

    def __init__(self, raw: Values) -> None:
        self._raw = raw
        self._made: dict[tuple[int, int], tuple[Any, Mask]] = {}

    def values(self, column: Column) -> Values:
        """Return the column's values, shape (n,)."""
        if column.before is None or column.step is None:
            return self._formed(self._raw, column.form)
        made, _ = self._step(column.before, column.step)
        return self._formed(_taken(made, column.place), column.form)

    def answered(self, column: Column) -> Mask:
        """Return which values no step refuses on the way to the column, shape (n,)."""
        if column.before is None or column.step is None:
            return np.full(len(self._raw), True)
        return self._step(column.before, column.step)[1]

    def _step(self, column: Column, step: Step) -> tuple[Any, Mask]:
        key = id(column), id(step)
        if key not in self._made:
            values = self.values(column)
            refused = step.refuses(values)
            matrix = step.spared(values, refused)[:, np.newaxis]
            made = step.apply(sparse.csr_matrix(matrix) if column.form.is_sparse else matrix)
            made = made.tocsc() if sparse.issparse(made) else made
            self._made[key] = made, self.answered(column) & ~refused
        return self._made[key]

    def _formed(self, values: Values, form: Form) -> Values:
        if values.dtype.kind == "O" and self._raw.dtype.kind == "f":  # an imputer's, who was trained with objects
            values = values.astype(np.float64)
        if form.dtype is None or "O" in (form.dtype.kind, values.dtype.kind):
            return values
        return values.astype(form.dtype, copy=False)


def _taken(made: Any, place: int) -> Values:
    """Return one column of an array, or of a sparse matrix that is kept by columns."""
    if not sparse.issparse(made):
        return np.asarray(made)[:, place]
    own = slice(made.indptr[place], made.indptr[place + 1])
    taken: Values = np.zeros(made.shape[0], made.dtype)
    taken[made.indices[own]] = made.data[own]
    return taken
