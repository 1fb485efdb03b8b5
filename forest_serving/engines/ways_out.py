"""For a model that cannot be compiled: what it is, and what to do instead, in one sentence.

A model is known by the names of its classes, so that no package need be installed only to be told apart.
"""

from typing import Any

_WAYS_OUT = {
    **dict.fromkeys(
        ("XGBModel", "LGBMModel", "CatBoost", "Booster"),
        "is boosted by another library, and cannot be compiled; train scikit-learn's HistGradientBoosting{kind}, which"
        " works alike",
    ),
    "BaseWeightBoosting": "weighs its trees, and cannot be compiled; train a GradientBoosting{kind}",
    **dict.fromkeys(
        ("BaggingClassifier", "BaggingRegressor"),
        "cannot be compiled; train a RandomForest{kind}, which bags trees as well (max_features=None lets each split"
        " choose among all features)",
    ),
    **dict.fromkeys(
        ("_BaseVoting", "_BaseStacking"),
        "asks several models, and cannot be compiled; train one RandomForest{kind} or HistGradientBoosting{kind}",
    ),
    "CalibratedClassifierCV": "changes a model's probabilities, which cannot be compiled; save the model that is not"
    " calibrated",
    "BaseThresholdClassifier": "moves the threshold between two classes, which cannot be compiled; save its estimator_,"
    " and compare the probabilities where they are used",
    "TransformedTargetRegressor": "changes what a model predicts, which cannot be compiled; save its regressor_, and"
    " undo the transformation of the target where the answers are used",
    **dict.fromkeys(
        ("_MultiOutputEstimator", "_BaseChain", "OneVsRestClassifier", "OneVsOneClassifier", "OutputCodeClassifier"),
        "holds several models, and cannot be compiled; save each by itself, or train a RandomForest{kind}",
    ),
}
_OTHER = "cannot be compiled; train a decision tree, a random forest, extra trees or gradient boosting of scikit-learn"


def way_out(model: Any) -> str:
    """Return one sentence about a model that is none of those that can be compiled, nor holds one."""
    names = [kind.__name__ for kind in type(model).__mro__]
    known = next((words for name, words in _WAYS_OUT.items() if name in names), _OTHER)
    kind = "Regressor" if any(name.endswith(("Regressor", "RegressorMixin")) for name in names) else "Classifier"
    return f"{_with_article(names[0])} {known.format(kind=kind)}."


def derived_way_out(model: Any, family: type) -> str:
    """Return one sentence about a model that derives from one that can be compiled, but answers otherwise."""
    return (
        f"{_with_article(type(model).__name__)} answers otherwise than the {family.__name__} that it derives from, and"
        f" cannot be compiled; train a {family.__name__}."
    )


def _with_article(name: str) -> str:
    return f"{'An' if name.startswith(('A', 'E', 'I', 'O', 'X', 'LGBM')) else 'A'} {name}"
