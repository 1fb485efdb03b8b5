"""Serve scikit-learn's tree models with BentoML: exact to the bit, fast, hard to break.

    forest_serving.save("churn", fitted_model, X)

compiles, proves and stores a fitted model; then FOREST_MODEL=churn serves it. card.py says what a model is. Each folder
is a room, whose __init__.py says in a sentence what it is for; docs/explanation/architecture.md lists them all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forest_serving.training.saving import save

__all__ = ["__version__", "save"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:  # serving imports this package without scikit-learn, which save needs
    if name != "save":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("forest_serving.training.saving").save


def __dir__() -> list[str]:
    return sorted([*globals(), "save"])
