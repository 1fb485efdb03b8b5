"""For a model that cannot be compiled: what it is, and what to do instead, in one sentence.

A model is known by the names of its classes, so that no package need be installed only to be told apart.
"""

from typing import Any

_WAYS_OUT = {
    "RegressorMixin": "predicts numbers, which cannot be compiled yet; train a RandomForestClassifier on classes,"
    " such as ranges of those numbers",
    **dict.fromkeys(
        ("BaseGradientBoosting", "BaseHistGradientBoosting", "XGBModel", "LGBMModel", "CatBoost", "Booster"),
        "is boosted, and boosted trees cannot be compiled yet; train a RandomForestClassifier",
    ),
    "BaseWeightBoosting": "weighs its trees, and such trees cannot be compiled; train a RandomForestClassifier",
    "BaggingClassifier": "cannot be compiled; train a RandomForestClassifier, which bags trees as well"
    " (max_features=None lets each split choose among all features)",
    "DecisionTreeClassifier": "cannot be compiled by itself; train a RandomForestClassifier(n_estimators=1,"
    " bootstrap=False, max_features=None), which is one such tree",
    "CalibratedClassifierCV": "changes a forest's probabilities, which cannot be compiled yet; save a"
    " RandomForestClassifier that is not calibrated",
    "ForestClassifier": "answers otherwise than the forest that it derives from, and cannot be compiled; train a"
    " RandomForestClassifier or an ExtraTreesClassifier",
}
_OTHER = "cannot be compiled; train a RandomForestClassifier or an ExtraTreesClassifier"


def way_out(model: Any) -> str:
    """Return one sentence about a model that is no forest, nor holds one."""
    names = [kind.__name__ for kind in type(model).__mro__]
    known = next((words for name, words in _WAYS_OUT.items() if name in names), _OTHER)
    return f"{_with_article(names[0])} {known}."


def _with_article(name: str) -> str:
    return f"{'An' if name.startswith(('A', 'E', 'I', 'O', 'X', 'LGBM')) else 'A'} {name}"
