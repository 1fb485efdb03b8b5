"""Why a model answers a row as it does: contributions of the features, and the nearest values that change the class."""

from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from forest_serving.card import Card, Feature
from forest_serving.engines.decision_table import DecisionTable
from forest_serving.engines.engine import Engine, Floats
from forest_serving.engines.forest import Forest
from forest_serving.explain.archive import unpack
from forest_serving.explain.candidates import Candidates
from forest_serving.explain.contributions import Contributions
from forest_serving.explain.counterfactuals import Counterfactual, Counterfactuals
from forest_serving.explain.links import Explains
from forest_serving.explain.table_lines import MOST_CLASSES, TableLines

SMALL_NODES = 50_000  # which are ready in a tenth of a second, and take 2 MB


class Explanations(NamedTuple):
    """Why some rows are answered as they are.

    Attributes:
        base: shape (n_outputs,), what is expected of a row of which nothing is known.
        contributions: shape (n_rows, n_features, n_outputs), what each feature adds to that.
        counterfactuals: of each row; empty where none were looked for.
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
        read: returns the file that saving wrote for explanations. It is asked at the first explanation of a large
            model, so that who never asks for one has no use of memory.
    """

    def __init__(self, card: Card, engine: Engine, read: Callable[[], bytes]) -> None:
        self._card, self._engine, self._read = card, engine, read
        self._counterfactuals: Counterfactuals | TableLines | None = None

    @cached_property
    def _contributions(self) -> Contributions:
        explained = unpack(self._read(), self._engine)
        if self._card.is_classifier:
            self._counterfactuals = _counterfactuals_of(self._engine, explained.forest, self._card.features)
        return Contributions(explained.forest, explained.cover, self._engine)

    @property
    def is_loaded(self) -> bool:
        """Whether an explanation need not wait for a file to be read."""
        return "_contributions" in self.__dict__

    def load(self) -> None:
        """Read the file, and prepare what is in it.

        Raises:
            DamagedModel: if the file is not what was saved.
        """
        _ = self._contributions

    @property
    def explains(self) -> Explains:
        """What contributions add up to."""
        return self._contributions.explains

    @property
    def n_outputs(self) -> int:
        """How many numbers each feature contributes; known before the file is read, where the engine has trees."""
        if not isinstance(self._engine, Forest):
            return len(self._contributions.base)
        return len(self._engine.trees.base)

    def is_quick(self, n_rows: int) -> bool:
        """Return whether explaining so many rows takes no longer than one request may keep others waiting."""
        return n_rows <= self._contributions.turn_rows

    def explain_in_turns(self, rows: Floats | list[Sequence[float]], with_counterfactuals: bool = True) -> Explaining:
        """Explain the answers to rows, shape (n_rows, n_features)."""
        contributions = self._contributions
        found = contributions.find_one(rows[0]) if len(rows) == 1 else None
        if found is None:
            found = yield from contributions.find_in_turns(np.ascontiguousarray(rows, np.float64))
        counterfactuals: list[list[Counterfactual]] = [[]] * len(rows)
        if with_counterfactuals and self._counterfactuals:
            counterfactuals = yield from self._counterfactuals.find_all_in_turns(rows)
        return Explanations(contributions.base, found, counterfactuals)


def explainer_of(card: Card, engine: Engine, read: Callable[[], bytes]) -> Explainer | None:
    """Return what explains a model's answers, a small one's ready to; None if the model was saved without a file.

    Raises:
        DamagedModel: if the file is not what was saved.
    """
    if not card.explanation_sha256:
        return None
    explainer = Explainer(card, engine, read)
    if not isinstance(engine, Forest) or len(engine.trees.nodes) <= SMALL_NODES:
        explainer.load()
    return explainer


def _counterfactuals_of(engine: Engine, forest: Forest, features: Sequence[Feature]) -> Counterfactuals | TableLines:
    if not isinstance(engine, DecisionTable):
        return Counterfactuals(engine, features, Candidates(forest).of)
    if len(engine.classes) <= MOST_CLASSES:
        return TableLines(engine, features)
    boundaries = engine.boundaries
    return Counterfactuals(engine, features, lambda row: boundaries)
