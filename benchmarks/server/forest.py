"""What every peer serves: one forest, trained by train_and_save.py, in each form that a peer reads."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from skl2onnx import to_onnx

from benchmarks.server import ROOT
from benchmarks.server.breakdown import MODEL


def train(work: Path) -> Any:
    """Train in a BentoML home of the benchmark's own; return the forest, and write it to work in each form."""
    os.environ["BENTOML_HOME"] = str(work / "bentoml")
    done = subprocess.run([sys.executable, "train_and_save.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The training failed: {done.stderr.strip()[-300:]}")
    from forest_serving.models import store as model_store  # BentoML reads BENTOML_HOME when it is imported

    model = model_store.load(MODEL)
    forest = model_store.load_forest(model.card)
    write_all(work, forest, model.engine)
    return forest


def write_all(work: Path, forest: Any, table: Any) -> None:
    """Write forest.joblib, forest.onnx and table.json."""
    joblib.dump(forest, work / "forest.joblib")
    model = to_onnx(forest, np.zeros((1, forest.n_features_in_), np.float32), options={"zipmap": False})
    (work / "forest.onnx").write_bytes(model.SerializeToString())
    (work / "table.json").write_text(json.dumps(as_json(table.to_arrays())))


def as_json(arrays: dict[str, Any]) -> dict[str, Any]:
    """Return a decision table as lists: each feature's boundaries, the cells' answers and the answers' labels."""
    ends = np.cumsum(arrays["boundary_counts"])[:-1]
    return {
        "boundaries": [feature.tolist() for feature in np.split(arrays["boundaries"], ends)],
        "answers": arrays["answers"].tolist(),
        "labels": arrays["classes"][arrays["positions"]].tolist(),
    }
