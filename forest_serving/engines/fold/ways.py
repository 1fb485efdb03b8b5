"""A model's way from X to its trees, understood column by column."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from forest_serving.engines.fold.columns import Column
from forest_serving.engines.fold.ends import to_trees
from forest_serving.engines.fold.frames import Frame
from forest_serving.engines.fold.matrices import CannotFold, Matrix, Path
from forest_serving.engines.fold.sources import Source, answered, source_of, with_gaps
from forest_serving.engines.unpacking import unpacked
from forest_serving.errors import NotCompilable


class Way(NamedTuple):
    """How a model makes what its trees compare of the columns of X.

    Attributes:
        steps: the fitted transformers in front of the trees, in their order.
        trees: the fitted trees.
        names: of the columns of X; None: it was fitted to an array.
        sources: all columns of X.
        used: the positions in X of those that reach the trees, ascending.
        columns: as the trees compare them, in their order.
        watched: for each column of X, the columns on the way from it, each behind a step that may refuse it.
    """

    steps: list[tuple[str, Any]]
    trees: Any
    names: tuple[str, ...] | None
    sources: list[Source]
    used: tuple[int, ...]
    columns: list[Column]
    watched: list[list[Column]]

    def frame(self, sources: Sequence[Source] | None = None) -> Frame:
        """Return what makes tables for the whole model of rows of the columns used."""
        return Frame(self.names, self.sources if sources is None else sources, self.used)


def way_of(model: Any) -> Way:
    """Return a model's way to its trees.

    Raises:
        NotCompilable: if some step cannot be folded, with a sentence that says which and what to do.
    """
    model = unpacked(model)
    steps, trees = (model.steps[:-1], model.steps[-1][1]) if isinstance(model, Pipeline) else ([], model)
    for name, step in steps:
        _check_fit(name, step)
    names = _of_x([*(step for _, step in steps), trees], "feature_names_in_")
    n = _of_x([*(step for _, step in steps), trees], "n_features_in_")
    if n is None:
        raise NotCompilable(
            f'How many columns X has is not known to the step "{steps[0][0]}"; put "passthrough" last in it.'
        )
    names = None if names is None else tuple(map(str, names))
    way = _walked(Way(steps, trees, names, [], (), [], []), [Source(i) for i in range(n)], None)
    sources = [source_of(i, names[i] if names else None, way.watched[i]) for i in range(n)]
    # What is sparse, and which types numbers have, is learned from a row on its way.
    way = _walked(way, sources, Frame(names, sources, ())(np.empty((1, 0))))
    return way._replace(sources=[_asked_again(source, way.watched[source.position]) for source in sources])


def _check_fit(name: str, step: Any) -> None:
    try:
        if step is not None and not isinstance(step, str):
            check_is_fitted(step)
    except NotFittedError:
        raise NotCompilable(f'The step "{name}" of the pipeline is not fitted; call fit first.') from None


def _of_x(parts: Sequence[Any], attribute: str) -> Any:
    """Return what the first part that does something knows of X, or None."""
    for part in parts:
        if isinstance(part, Pipeline):
            return _of_x([*(step for _, step in part.steps), *parts[1:]], attribute)
        if isinstance(part, FeatureUnion):
            found = [_of_x([step], attribute) for _, step in part.transformer_list]
            return next((value for value in found if value is not None), None)
        if part is not None and not isinstance(part, str):
            return getattr(part, attribute, None)
    return None


def _asked_again(source: Source, watched: list[Column]) -> Source:
    source = with_gaps(source, watched, [column.step.vocabulary for column in watched if column.step])
    if source.labels is None or source.unknown is None:
        return source
    return source._replace(takes_unknown=answered(source, watched, [source.unknown])[0])


def _walked(way: Way, sources: list[Source], row: Any) -> Way:
    path, matrix = Path(), Matrix([Column(source.position) for source in sources], row)
    for place, (name, step) in enumerate(way.steps):
        matrix = _through(path, matrix, name, step, place)
    columns = to_trees(path, way.trees, matrix)
    used = tuple(sorted({column.source for column in columns}))
    watched = [[column for column in path.watched if column.source == source.position] for source in sources]
    return way._replace(columns=columns, used=used, watched=watched, sources=sources)


def _through(path: Path, matrix: Matrix, name: str, step: Any, place: int) -> Matrix:
    try:
        return path.through(step, matrix, name)
    except CannotFold as error:
        raise NotCompilable(
            f"The step {error} cannot be folded into single columns; keep it in front of the service, and save the"
            f" rest: pipeline[{place + 1}:], with the rows as pipeline[:{place + 1}].transform(X) leaves them."
        ) from None
