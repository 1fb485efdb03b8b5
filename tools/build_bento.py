"""make bento: train if needed, then build the Bento of a model, unless the newest one has the same content.

The Bento of the model NAME is called NAME_classifier. Its version is a hash of what goes into it, so that equal content
has an equal version.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import bentoml
import msgspec
import yaml
from bentoml.exceptions import NotFound

from forest_serving.card import Card, write_card
from forest_serving.command_line import run
from forest_serving.errors import OperatorError
from forest_serving.host.model_choice import ALIAS, MODEL_VARIABLE
from forest_serving.models.store import Stored
from tools.train_if_missing import ROOT, bentofile, own_tag, train_if_missing

CONTENT = (
    "service.py",
    "configuration.yaml",
    "bentofile.yaml",
    "requirements.txt",
    "README.md",
    "forest_serving/**/*.*",
)


class Built(NamedTuple):
    """A Bento in the store: its name, its version, the model in it, if there is one."""

    name: str
    version: str
    model: Stored | None = None


def main() -> int:
    """Build if needed; return the exit code."""
    print(f"Next: bentoml serve {build_if_needed().name}:latest")
    return 0


def build_if_needed() -> Built:
    """Train and build where that is needed, and return the Bento."""
    model = train_if_missing()
    bento = Built(bento_name(model.card), content_version(model.card), model)
    return stored_or_built(bento, bentofile_of(model))


def stored_or_built(bento: Built, told: Mapping[str, Any]) -> Built:
    """Return a Bento, and build it unless the newest one has the same content.

    Args:
        bento: the Bento.
        told: what its bentofile.yaml says.
    """
    if stored_version(bento.name, "latest") == bento.version:
        print(f"{bento.name}:{bento.version} has the same content already")
    else:
        build(bento, told)
    return bento


def bento_name(card: Card) -> str:
    """Return what the Bento of a model is called."""
    return f"{card.name}_{card.kind}"


def content_version(card: Card) -> str:
    """Return a hash of everything that goes into the Bento; where and when a model was made does not count."""
    same = msgspec.structs.replace(card, forest="", forest_sha256="", provenance={})
    return hash_of(json.dumps(write_card(same)), CONTENT)


def hash_of(about: str, content: Iterable[str]) -> str:
    """Return a hash of a text and of all files that fit one of the patterns."""
    digest = hashlib.sha256(about.encode())
    digest.update(os.environ.get("BASE_IMAGE", "").encode())  # the service writes it into the Bento
    for file in sorted(file for pattern in content for file in ROOT.glob(pattern) if "__pycache__" not in file.parts):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def stored_version(name: str, version: str) -> str | None:
    """Return the version of the stored Bento of that version, or "latest", or None if there is none to serve."""
    try:
        bento = bentoml.get(f"{name}:{version}")
        for model in bento.info.all_models:  # the store keeps a Bento's models apart from it
            bentoml.models.get(model.tag)
        return bento.tag.version
    except NotFound:
        return None


def build(bento: Built, told: Mapping[str, Any]) -> None:
    """Build a Bento; an older one with the same content makes way, so that latest is this one."""
    with suppress(NotFound):
        bentoml.delete(f"{bento.name}:{bento.version}")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bentofile.yaml"
        file.write_text(yaml.safe_dump(dict(told), sort_keys=False))
        command = [sys.executable, "-m", "bentoml", "build", "-f", str(file)]
        command += ["--name", bento.name, "--version", bento.version]
        environ = os.environ | ({MODEL_VARIABLE: bento.model.tag} if bento.model else {})
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperatorError(f"bentoml build failed: {(done.stderr or done.stdout).strip().splitlines()[-1][:300]}")
    print(f"built {bento.name}:{bento.version}")


def bentofile_of(model: Stored) -> dict[str, Any]:
    """Return bentofile.yaml with this version of this model in it; README.md tells of the project's own model only."""
    file = bentofile() | {"models": [{"tag": model.tag, "alias": ALIAS}]}
    return file if model.tag.startswith(f"{own_tag()}:") else file | {"description": description(model)}


def description(model: Stored) -> str:
    """Return a README for a Bento: what its model is."""
    card = model.card
    features = ", ".join(
        f"{feature.name} ({feature.unit})" if feature.unit else feature.name for feature in card.features
    )
    answers = f"classes: {', '.join(card.class_names)}" if card.is_classifier else "answers: numbers"
    return f"""# {bento_name(card)}

Serves the model {model.tag}, exactly as scikit-learn would answer.

- features: {features}
- {answers}
- engine: {card.engine.replace("_", " ")}, SHA-256 {card.engine_sha256}
- proof: {card.proof}

    bentoml serve {bento_name(card)}:latest
"""


if __name__ == "__main__":
    run(main)
