"""How the engines grow with the number of trees: size, and time for one row, in this process without a server."""

from collections.abc import Iterator
from typing import Any

from sklearn.datasets import load_iris

from benchmarks.server.breakdown import timed
from benchmarks.server.rows import Rows
from forest_serving.engines.compile import compile_forest
from forest_serving.errors import NotCompilable
from forest_serving.training.recipe import Recipe

TREES = (10, 100, 1_000)


def trees(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield, for forests of more and more trees on Iris, each engine's size and time; None where it is impossible."""
    for n in TREES:
        forest = Recipe(trees=n).forest().fit(*load_iris(return_X_y=True))
        table, flat = engine_or_none(forest, "decision_table"), engine_or_none(forest, "flat_forest")
        cells = {"trees": n, "cells": table and len(table.answers)}
        yield cells | line("table", table, rows) | line("flat", flat, rows)


def engine_or_none(forest: Any, kind: str) -> Any:
    """Return an engine, or None if the forest cannot be one of that kind."""
    try:
        return compile_forest(forest, kind)[0]
    except NotCompilable:
        return None


def line(name: str, engine: Any, rows: Rows) -> dict[str, float | None]:
    """Return an engine's figures."""
    size = engine and sum(array.nbytes for array in engine.to_arrays().values()) / 1e6
    return {f"{name}_mb": size, f"{name}_us": engine and timed(engine.classify_one, rows)}
