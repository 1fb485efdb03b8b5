"""How to train a forest."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from forest_serving.errors import BadTrainingData

_STEPS = 50  # of the progress bar


class Recipe(NamedTuple):
    """How to train, in scikit-learn's terms.

    Attributes:
        trees: how many.
        max_depth: of each tree; None for no limit.
        seed: of all that is random.
        class_weight: "balanced", "balanced_subsample", or None for rows that count alike.
        min_samples_leaf: the fewest rows that a leaf may have.
        max_features: how many columns are looked at for a split: "sqrt", "log2", a number, a share, or None for all.
    """

    trees: int = 100
    max_depth: int | None = None
    seed: int = 0
    class_weight: str | None = None
    min_samples_leaf: int = 1
    max_features: str | int | float | None = "sqrt"

    def forest(self) -> RandomForestClassifier:
        """Return the forest, not yet fitted. One thread keeps the order of additions, and so the last bits, fixed."""
        return RandomForestClassifier(
            self.trees,
            max_depth=self.max_depth,
            random_state=self.seed,
            class_weight=self.class_weight,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features,
            n_jobs=1,
        )

    def fit(self, rows: NDArray[np.float64], labels: NDArray[Any], bar: Any) -> RandomForestClassifier:
        """Return a fitted forest, the same to the bit as forest().fit(rows, labels); the bar counts its trees.

        Raises:
            BadTrainingData: if there are fewer columns than max_features.
        """
        if isinstance(self.max_features, int) and self.max_features > rows.shape[1]:
            wanted = f"--max-features {self.max_features} is more than the {rows.shape[1]} columns of the data"
            raise BadTrainingData(f"{wanted}. Ask for fewer.")
        forest = self.forest().set_params(warm_start=True)
        for done in range(0, self.trees, step := max(1, self.trees // _STEPS)):
            with warnings.catch_warnings():  # balanced weights are the same each time, because the rows are
                warnings.filterwarnings("ignore", "class_weight presets")
                forest.set_params(n_estimators=min(done + step, self.trees)).fit(rows, labels)
            bar.update(forest.n_estimators - done)
        return forest.set_params(warm_start=False)

    def facts(self) -> dict[str, str | int | float]:
        """Return the recipe for a model's card, which has no null."""
        words = {"max_depth": "no limit", "class_weight": "none", "max_features": "all"}
        return {key: words[key] if value is None else value for key, value in self._asdict().items()}
