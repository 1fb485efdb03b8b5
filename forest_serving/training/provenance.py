"""Where a model came from: data, settings, versions and code."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forest_serving.schema import CLASS_NAMES, FEATURES
from forest_serving.training.dataset import Dataset
from forest_serving.training.evaluation import Recipe

_PACKAGES = ("bentoml", "numpy", "scikit-learn", "scipy")
_CODE = (
    "forest_serving/schema.py",
    "forest_serving/training/dataset.py",
    "forest_serving/training/evaluation.py",
    "forest_serving/engines/*.py",
)
_ROOT = Path(__file__).parents[2]


def fingerprint(data: Dataset, recipe: Recipe, engine: str) -> str:
    """Return a hash of all that a model depends on: equal hashes, equal models."""
    code = [file.read_bytes().hex() for pattern in _CODE for file in sorted(_ROOT.glob(pattern))]
    inputs = [data.sha256, recipe, engine, _versions(), code]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def provenance(data: Dataset, recipe: Recipe, inputs_sha256: str) -> dict[str, Any]:
    """Return the metadata that says where a model came from."""
    return {
        "features": [feature.name for feature in FEATURES],
        "classes": list(CLASS_NAMES),
        **data.summary(),
        "data": data.source,
        "data_sha256": data.sha256,
        "recipe": recipe._asdict() | {"max_depth": recipe.max_depth or "no limit"},  # BentoML's metadata has no null
        "inputs_sha256": inputs_sha256,
        "versions": _versions(),
        "git_commit": _git_commit() or "not in a git repository",
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _versions() -> dict[str, str]:
    return {"python": sys.version.split()[0]} | {package: version(package) for package in _PACKAGES}


def _git_commit() -> str | None:
    try:
        command = ["git", "-C", str(_ROOT), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
