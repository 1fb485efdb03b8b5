"""What "make serve" and "make bento" do first. A model that is there stays, whatever it was trained from."""

import subprocess
import sys
from pathlib import Path

from forest_serving.errors import ModelMissing
from forest_serving.models import store as model_store
from forest_serving.schema import MODEL_NAME

COMPILED = f"{MODEL_NAME}_compiled"
ROOT = Path(__file__).parent.parent


def train_if_missing() -> None:
    """Train and save a model if the store has none; exit with the training's code if that fails."""
    try:
        model_store.check(COMPILED)
    except ModelMissing:
        done = subprocess.run([sys.executable, "train_and_save.py"], cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(done.returncode)
