"""make bento: train if needed, then build the Bento, unless the newest one has the same content.

The Bento's version is a hash of what goes into it, so that equal content has an equal version.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import suppress

import bentoml
from bentoml.exceptions import NotFound

from forest_serving.command_line import run
from forest_serving.errors import OperatorError
from forest_serving.models import store as model_store
from forest_serving.schema import MODEL_NAME
from tools.train_if_missing import ROOT, train_if_missing

NAME = "iris_classifier"
CONTENT = (
    "service.py",
    "configuration.yaml",
    "bentofile.yaml",
    "requirements.txt",
    "README.md",
    "forest_serving/**/*.*",
)


def main() -> int:
    """Build if needed; return the exit code."""
    build_if_needed()
    print(f"Next: bentoml serve {NAME}:latest")
    return 0


def build_if_needed() -> str:
    """Train and build where that is needed, and return the Bento's version."""
    train_if_missing()
    version = content_version()
    if stored_version("latest") == version:
        print(f"{NAME}:{version} has the same content already")
    else:
        build(version)
    return version


def content_version() -> str:
    """Return a hash of everything that goes into the Bento."""
    digest = hashlib.sha256(model_store.newest_metadata(MODEL_NAME)["engine_sha256"].encode())
    digest.update(os.environ.get("BASE_IMAGE", "").encode())  # service.py writes it into the Bento
    for file in sorted(file for pattern in CONTENT for file in ROOT.glob(pattern) if "__pycache__" not in file.parts):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def stored_version(version: str) -> str | None:
    """Return the version of the stored Bento of that version, or "latest", or None if there is none to serve."""
    try:
        bento = bentoml.get(f"{NAME}:{version}")
        for model in bento.info.all_models:  # the store keeps a Bento's models apart from it
            bentoml.models.get(model.tag)
        return bento.tag.version
    except NotFound:
        return None


def build(version: str) -> None:
    """Build the Bento under the version; an older one with the same content makes way, so that latest is this one."""
    with suppress(NotFound):
        bentoml.delete(f"{NAME}:{version}")
    command = [sys.executable, "-m", "bentoml", "build", "--version", version]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperatorError(f"bentoml build failed: {(done.stderr or done.stdout).strip().splitlines()[-1][:300]}")
    print(f"built {NAME}:{version}")


if __name__ == "__main__":
    run(main)
