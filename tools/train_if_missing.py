"""What "make serve" and "make bento" do first. A model that is there and whole stays, whatever it was trained from."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import store as model_store
from forest_serving.models.store import Stored, compiled_tag
from forest_serving.settings import read_settings

ROOT = Path(__file__).parent.parent
REMEDY = "python train_and_save.py"


def train_if_missing() -> Stored:
    """Return the model that FOREST_MODEL names, or the project's own, which is trained if the store has none to use.

    Raises:
        ModelMissing, DamagedModel: if another was named; the sentence says how to make it.
        SystemExit: with the training's code if that fails.
    """
    own = own_tag()
    asked = compiled_tag(read_settings().model or own).removesuffix(":latest")
    try:
        return model_store.read(asked, REMEDY if asked == own else "")
    except (ModelMissing, DamagedModel) as error:
        if asked != own:
            raise
        if isinstance(error, DamagedModel):
            print(error, file=sys.stderr)
    done = subprocess.run([sys.executable, "train_and_save.py"], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return model_store.read(own)


def own_tag() -> str:
    """Return the tag, without a version, of the model that the project trains by itself."""
    return compiled_tag(bentofile()["models"][0]["tag"]).removesuffix(":latest")


def bentofile() -> dict[str, Any]:
    """Return what bentofile.yaml says."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "bentofile.yaml").read_text())
    return found
