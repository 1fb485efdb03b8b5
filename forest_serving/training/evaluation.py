"""An honest estimate of how good a forest is: judged on rows that it has not seen."""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.inspection import permutation_importance
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split

from forest_serving.training.dataset import Dataset
from forest_serving.training.held_out import HeldOut
from forest_serving.training.plan import HOLDOUT_SHARE, Plan
from forest_serving.training.progress import Stopwatch
from forest_serving.training.recipe import Recipe
from forest_serving.training.rounding import rounded
from forest_serving.training.scores import MEASURES, judged, scores_of


def evaluate(data: Dataset, recipe: Recipe, plan: Plan, watch: Stopwatch) -> dict[str, Any]:
    """Return the training report, in JSON types.

    The hold-out gives the confusion matrix and the importances, and the cross-validation, where the plan has one, a
    better estimate of the scores. The forest to serve is trained on all rows.
    """
    train_rows, test_rows, train_truth, test_truth = train_test_split(
        data.rows, data.positions, test_size=HOLDOUT_SHARE, stratify=data.positions, random_state=recipe.seed
    )
    with watch.step("hold-out", recipe.trees) as bar:
        forest = recipe.fit(train_rows, train_truth, bar)
        holdout = judged(test_truth, forest.predict_proba(test_rows), data.names)
    split = _split(len(train_rows), len(test_rows), recipe.seed)
    report: dict[str, Any] = {"rows": len(data.rows), "split": split, "holdout": holdout}
    if plan.folds:
        with watch.step("cross-validation", plan.folds * plan.repeats) as bar:
            report["cross_validation"] = cross_validate(data, recipe, plan, bar)
    best = report.get("cross_validation", holdout)
    report |= {key: best[key] for key in (*MEASURES, "accuracy_95_interval")}
    report["commonest_class_share"] = round(float(np.bincount(data.positions).max() / len(data.rows)), 4)
    with watch.step("permutation importance"):
        losses = importances(forest, HeldOut(test_rows, test_truth), plan, recipe.seed)
    names = (column.name for column in data.columns)
    report["permutation_importance"] = dict(zip(names, losses, strict=False))
    report["permutation_importance_of"] = f"{plan.shuffles} shuffles of {plan.shuffled_rows:,} rows"
    return report


def _split(n_train: int, n_test: int, seed: int) -> dict[str, Any]:
    return {
        "how": "drawn at random; the forest that is served learned from all rows",
        "training_rows": n_train,
        "holdout_rows": n_test,
        "holdout_share": HOLDOUT_SHARE,
        "stratified": True,
        "seed": seed,
    }


def cross_validate(data: Dataset, recipe: Recipe, plan: Plan, bar: Any) -> dict[str, Any]:
    """Return the mean of each score over all folds, and the accuracy's 95 % interval.

    The folds share rows, so their spread understates the doubt; Nadeau and Bengio (2003) widen it by the ratio of
    tested to trained rows.
    """
    splits = RepeatedStratifiedKFold(n_splits=plan.folds, n_repeats=plan.repeats, random_state=recipe.seed)
    scores = []
    for train, test in splits.split(data.rows, data.positions):
        forest = recipe.forest().fit(data.rows[train], data.positions[train])
        scores.append(scores_of(data.positions[test], forest.predict_proba(data.rows[test])))
        bar.update()
    accuracies = np.array([score["accuracy"] for score in scores])
    variance = accuracies.var(ddof=1) * (1 / len(scores) + 1 / (plan.folds - 1))
    margin = stats.t.ppf(0.975, len(scores) - 1) * np.sqrt(variance)
    low, high = np.clip([accuracies.mean() - margin, accuracies.mean() + margin], 0, 1)
    return {
        "folds": plan.folds,
        "repeats": plan.repeats,
        **rounded({measure: float(np.mean([score[measure] for score in scores])) for measure in MEASURES}),
        "accuracy_95_interval": [round(float(low), 4), round(float(high), 4)],
    }


def importances(forest: Any, held_out: HeldOut, plan: Plan, seed: int) -> list[float]:
    """Return, for each column, how much accuracy is lost when it is shuffled; nothing if the plan has no shuffles."""
    if not plan.shuffles:
        return []
    rows, truth = (array[: plan.shuffled_rows] for array in held_out)
    found = permutation_importance(forest, rows, truth, n_repeats=plan.shuffles, random_state=seed)
    losses: list[float] = found.importances_mean.round(4).tolist()
    return losses
