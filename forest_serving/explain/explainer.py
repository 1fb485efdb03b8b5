"""Why a model answers a row as it does: contributions of the features, and the nearest values that change the class."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

import numpy as np

from forest_serving.card import Card
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.forest import Forest
from forest_serving.errors import NotExplained
from forest_serving.explain.archive import unpack
from forest_serving.explain.candidates import Candidates
from forest_serving.explain.contributions import Contributions
from forest_serving.explain.counterfactuals import Counterfactual, Counterfactuals
from forest_serving.explain.links import Explains


class Explanations(NamedTuple):
    """Why some rows are answered as they are.

    Attributes:
        base: shape (n_outputs,), what is expected of a row of which nothing is known.
        contributions: shape (n_rows, n_features, n_outputs), what each feature adds to that.
        counterfactuals: of each row; none were looked for if it is empty.
    """

    base: Floats
    contributions: Floats
    counterfactuals: list[list[Counterfactual]]


Explaining = Generator[None, None, Explanations]  # yields about once in a millisecond, so that others have their turn


class Explainer:
    """Explains the answers of one model.

    Args:
        card: the model's.
        engine: what answers.
        read: returns the file that saving wrote for explanations, or nothing if there is none. It is asked at the first
            explanation, so that who never asks for one has no use of memory.
    """

    def __init__(self, card: Card, engine: Engine, read: Callable[[], bytes]) -> None:
        self._card, self._engine, self._read = card, engine, read
        self._contributions: Contributions | None = None
        self._counterfactuals: Counterfactuals | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether an explanation need not wait for a file to be read."""
        return self._contributions is not None

    @property
    def explains(self) -> Explains:
        """What contributions add up to."""
        return self._loaded().explains

    def load(self) -> None:
        """Read the file, and prepare what is in it.

        Raises:
            NotExplained: if the model was saved without.
            DamagedModel: if the file is not what was saved.
        """
        if self._contributions is not None:
            return
        file = self._read()
        if not file:
            name = self._card.name
            raise NotExplained(
                f'The model "{name}" was saved without what explanations need, by an older version of this software or'
                " with weights that are not positive; save it again."
            )
        explained = unpack(file, self._engine)
        if self._card.is_classifier:
            boundaries_of = _boundaries_of(self._engine, explained.forest)
            self._counterfactuals = Counterfactuals(self._engine, self._card.features, boundaries_of)
        self._contributions = Contributions(explained.forest, explained.cover, self._engine)

    def _loaded(self) -> Contributions:
        self.load()
        if self._contributions is None:
            raise NotExplained("Nothing was loaded.")
        return self._contributions

    def explain_in_turns(self, rows: Floats | list[Sequence[float]], with_counterfactuals: bool = True) -> Explaining:
        """Explain the answers to rows, shape (n_rows, n_features); raises as load does."""
        contributions, rows = self._loaded(), np.ascontiguousarray(rows, np.float64)
        found = yield from contributions.find_in_turns(rows)
        counterfactuals: list[Any] = []
        if with_counterfactuals:
            for row in rows:
                nearest = (yield from self._counterfactuals.find_in_turns(row)) if self._counterfactuals else []
                counterfactuals.append(nearest)
        return Explanations(contributions.base, found, counterfactuals)


def _boundaries_of(engine: Engine, forest: Forest) -> Callable[[Floats], list[Floats]]:
    if isinstance(engine, DecisionTable):
        boundaries = engine.boundaries
        return lambda row: boundaries
    return Candidates(forest).of
