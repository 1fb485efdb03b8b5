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
_CODE = ("card.py", "training/*.py", "engines/**/*.py")
_MOST_PARAMETERS = 300
_LONGEST_TEXT = 200


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


def parameters(model: Any) -> dict[str, Any]:
    """Return a fitted model's kind and its parameters, of all steps of a pipeline: as many as a card can hold.

    They are numbers, booleans and texts: of what is none of these, the first letters.
    """
    steps = [type(step).__name__ for _, step in getattr(model, "steps", ())]
    found: dict[str, Any] = {"model": type(model).__name__}
    if steps:
        found["steps"] = ", ".join(steps)
    given = {key: value for key, value in model.get_params().items() if not _holds_steps(value)}
    return found | {key: _plain(value) for key, value in list(given.items())[:_MOST_PARAMETERS]}


def _holds_steps(value: Any) -> bool:
    """Return whether it is a step of a pipeline, or a list of them: their parameters are told one by one."""
    if isinstance(value, list | tuple):
        return any(map(_holds_steps, value))
    return hasattr(value, "get_params")


def _plain(value: Any) -> bool | int | float | str:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 2**63:  # no infinity, no NaN
        return value
    text = str(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


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
