"""The columns of a fitted model, and where they are in rows that somebody brings along with it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from forest_serving.engines.fold import RawColumn, raw_columns
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, columns_of, did_you_mean, quoted, unnamed_columns


class ModelColumns(NamedTuple):
    """What a model was fitted to.

    Attributes:
        used: the columns that its answers depend on, in its order.
        names: of all columns; empty if it knows none.
        n_all: how many columns it was fitted to.
    """

    used: list[RawColumn]
    names: list[str]
    n_all: int

    def places_in(self, names: Sequence[str] | None, n_given: int, what: str = "X", fix: str = "drop it") -> list[int]:
        """Return where the used columns are among given ones.

        Args:
            names: of the given columns, each another one; None if they have none, and stand in the model's order.
            n_given: how many there are.
            what: what to call the rows in errors.
            fix: what to do about a column that the model does not have.

        Raises:
            BadTrainingData: if they are not the model's. One that it knows by name and does not use may be left out.
        """
        if names is None or not self.names:
            if n_given != self.n_all:
                raise BadTrainingData(
                    f"{what} must be rows of {self.n_all} values, as the model's; its rows have {n_given}."
                )
            return [column.position for column in self.used]
        wanted = [self.names[column.position] for column in self.used]
        if missing := [name for name in wanted if name not in names]:
            hint = did_you_mean(missing[0], [name for name in names if name not in self.names])
            raise BadTrainingData(f"{what} lacks the column {quoted(missing)}{hint}, which the model was fitted to.")
        if unknown := [name for name in names if name not in self.names]:
            raise BadTrainingData(f"{what} has the column {quoted(unknown)}, which the model was not fitted to; {fix}.")
        position = {name: number for number, name in enumerate(names)}
        return [position[name] for name in wanted]

    def called(self, names: Sequence[str] | None) -> tuple[Column, ...]:
        """Return what to call the used columns: as the model does, or else as the given columns are called."""
        positions = [column.position for column in self.used]
        known = self.names or names
        return columns_of([known[position] for position in positions]) if known else unnamed_columns(positions)


def columns_of_model(model: Any) -> ModelColumns:
    """Return the columns of what unpacked returned; raises NotCompilable if its preprocessing cannot be folded."""
    first = getattr(model, "steps", [("", model)])
    part = next(step for _, step in first if hasattr(step, "n_features_in_"))
    names = [str(name) for name in getattr(part, "feature_names_in_", ())]
    return ModelColumns(raw_columns(model), names, int(part.n_features_in_))
