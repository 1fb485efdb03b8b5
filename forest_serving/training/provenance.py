"""Where a model came from: data, settings, versions and code."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forest_serving import __version__
from forest_serving.models import store
from forest_serving.training.dataset import Dataset

_PACKAGES = ("bentoml", "numpy", "scikit-learn", "scipy")
_PACKAGE = Path(__file__).parents[1]
_CODE = ("card.py", "training/*.py", "engines/*.py")


def fingerprint(data: Dataset, settings: object) -> str:
    """Return a hash of all that a model depends on: equal hashes, equal models.

    Args:
        data: what it is trained on.
        settings: how, and what it must reach, in types that JSON has.
    """
    code = [file.read_bytes().hex() for pattern in _CODE for file in sorted(_PACKAGE.glob(pattern))]
    inputs = [data.sha256, data.columns, data.label_column, data.names, settings, _versions(), code]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def was_saved(name: str, inputs_sha256: str) -> bool:
    """Return whether the newest model of a name has this fingerprint, and is still as it was saved."""
    newest = store.newest_card(name)
    is_same = newest is not None and newest.provenance.get("inputs_sha256") == inputs_sha256
    return is_same and store.is_whole(name)


def training_facts(data: Dataset, recipe: dict[str, Any], inputs_sha256: str) -> dict[str, Any]:
    """Return what is known of a model that was trained here, and not of one that was brought along."""
    return {"data_sha256": data.sha256, "recipe": recipe, "inputs_sha256": inputs_sha256, "trained_at": _now()}


def provenance(source: str, data_sha256: str, recipe: dict[str, Any]) -> dict[str, Any]:
    """Return what a card says about a model's origin.

    Args:
        source: where the data came from.
        data_sha256: its hash.
        recipe: how the model was trained, without null, which BentoML's metadata has not.
    """
    return {
        "data": source,
        "data_sha256": data_sha256,
        "recipe": recipe,
        "versions": _versions(),
        "git_commit": _git_commit() or "not in a git repository",
        "saved_at": _now(),
    }


def parameters(forest: Any) -> dict[str, Any]:
    """Return a fitted forest's kind and its parameters, as far as they are plain."""
    plain = (bool, int, float, str)
    found = {key: value if isinstance(value, plain) else str(value) for key, value in forest.get_params().items()}
    return {"model": type(forest).__name__, **found}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    versions = {package: version(package) for package in _PACKAGES}
    return {"python": sys.version.split()[0], "forest_serving": __version__} | versions


def _git_commit() -> str | None:
    root = _PACKAGE.parent
    if not (root / ".git").exists():  # installed, maybe into an environment inside somebody else's repository
        return None
    try:
        command = ["git", "-C", str(root), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
