"""treelite: its interpreter GTIL, and what tl2cgen and a C compiler make of its model."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from benchmarks.engines.models import trees_of
from benchmarks.engines.peers import Peer, Way
from benchmarks.engines.subject import Subject
from forest_serving.engines.engine import Floats, Positions

MOST_NODES = 50_000  # that are compiled; a compiler takes two seconds for a thousand


def treelite_peers(subject: Subject) -> list[Peer]:
    """Return treelite's two, behind scikit-learn's own preprocessing where the model has some."""
    import treelite

    model = treelite.sklearn.import_model(trees_of(subject.model.fitted))
    peers = [_peer(subject, "treelite GTIL", np.asarray, lambda rows: treelite.gtil.predict(model, rows, nthread=1))]
    compiler = compiler_here()
    if compiler and subject.n_nodes <= MOST_NODES:
        import tl2cgen

        predictor = _compiled(model, compiler)
        peers.append(_peer(subject, "treelite compiled", tl2cgen.DMatrix, predictor.predict))
    return peers


def compiler_here() -> str | None:
    """Return the C compiler of this machine, as tl2cgen calls it."""
    return next((name for name in ("gcc", "clang") if shutil.which(name)), None)


def left_out(subject: Subject) -> str | None:
    """Return why there is no compiled model, if there is none."""
    if not compiler_here():
        return "treelite compiled: left out, because there is neither gcc nor clang"
    if subject.n_nodes > MOST_NODES:
        return (
            f"treelite compiled: left out, because of {subject.n_nodes:,} nodes a compiler takes a quarter of an hour"
        )
    return None


def _compiled(model: Any, compiler: str) -> Any:
    import tl2cgen

    with tempfile.TemporaryDirectory() as folder, _silent():
        library = Path(folder) / "model.so"
        tl2cgen.export_lib(model, compiler, library, params={"parallel_comp": 4}, nthread=2)
        return tl2cgen.Predictor(library, nthread=1)  # it stays loaded when its file is gone


def _peer(subject: Subject, name: str, own: Callable[[Floats], Any], call: Callable[[Any], Any]) -> Peer:
    fitted = subject.model.fitted
    rounds = not isinstance(trees_of(fitted), HistGradientBoostingClassifier)

    def rounded(rows: Any) -> Floats:
        return np.ascontiguousarray(np.float32(rows) if rounds else rows, np.float64)

    def answers(rows: Floats) -> tuple[Floats, Positions]:
        found = np.asarray(way.call(way.form(rows))).reshape(len(rows), -1)
        found = np.hstack([1 - found, found]) if found.shape[1] == 1 else found
        return found, found.argmax(axis=1)

    if isinstance(fitted, Pipeline):
        transform = fitted[:-1].transform
        way = Way(subject.inputs.frame, lambda table: call(own(rounded(transform(table)))))
        return Peer(f"scikit-learn, then {name}", way, way, answers)
    way = Way(lambda rows: own(rounded(rows)), call)
    return Peer(name, way, way, answers)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep back what treelite's C++ says of its versions, on both outputs."""
    sys.stdout.flush()
    kept = [os.dup(output) for output in (1, 2)]
    with Path(os.devnull).open("w") as nowhere:
        for output in (1, 2):
            os.dup2(nowhere.fileno(), output)
    try:
        yield
    finally:
        for output, own in zip((1, 2), kept, strict=True):
            os.dup2(own, output)
            os.close(own)
