"""How the engines grow with the number of trees: size, and time for one row, in this process without a server."""

from collections.abc import Iterator
from typing import Any

from sklearn.datasets import load_iris

from benchmarks.compiling import inputs_of
from benchmarks.server.breakdown import timed
from benchmarks.server.rows import Rows
from forest_serving.engines.compile import compile_model
from forest_serving.engines.fold import Inputs
from forest_serving.errors import NotCompilable
from forest_serving.training.recipe import Recipe

TREES = (10, 100, 1_000)


def trees(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield, for forests of more and more trees on Iris, each engine's size and time; None where it is impossible."""
    for n in TREES:
        X, y = load_iris(return_X_y=True)  # noqa: N806
        inputs = inputs_of(Recipe(trees=n).forest().fit(X, y), X)
        table, forest = engine_or_none(inputs, "decision_table"), engine_or_none(inputs, "forest")
        cells = {"trees": n, "cells": table and len(table.answers)}
        yield cells | line("table", table, rows) | line("forest", forest, rows)


def engine_or_none(inputs: Inputs, kind: str) -> Any:
    """Return an engine, or None if the model cannot be one of that kind."""
    try:
        return compile_model(inputs, kind).engine
    except NotCompilable:
        return None


def line(name: str, engine: Any, rows: Rows) -> dict[str, float | None]:
    """Return an engine's figures."""
    size = engine and sum(array.nbytes for array in engine.to_arrays().values()) / 1e6
    return {f"{name}_mb": size, f"{name}_us": engine and timed(engine.classify_one, rows)}
