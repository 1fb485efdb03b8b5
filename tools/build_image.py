"""make image: the Bento as a container image, with health check, labels and a bill of materials.

make image                                             NAME_classifier:<version>, NAME being the model's
make image MODEL=wine                                  of another model in the store
make image IMAGE=registry.example/team/wine            under another name
make image BASE_IMAGE=python:3.11-slim@sha256:<digest> on a base that never changes
make image-features                                    features:<version>, the service Features, without a model
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import bentoml

from forest_serving.command_line import run
from forest_serving.errors import OperatorError
from tools import build_bento, build_features
from tools.bill_of_materials import write_bill
from tools.engine import Engine, find_engine
from tools.train_if_missing import ROOT

DEPLOY = ROOT / "deploy" / "image"


def main() -> int:
    """Build Bento and image; return the exit code."""
    parser = argparse.ArgumentParser(prog="make image", description=__doc__)
    parser.add_argument("--image", help="name, with or without a tag (default: the Bento's)")
    parser.add_argument("--network", help='network of the build, such as "host" (default: the engine\'s)')
    parser.add_argument("--features", action="store_true", help="of the service Features, without a model")
    arguments = parser.parse_args()
    if arguments.image:
        check_name(arguments.image)
    engine = find_engine()
    built = (build_features if arguments.features else build_bento).build_if_needed()
    image = with_tag(arguments.image or built.name, built.version)
    network = f"network={arguments.network}" if arguments.network else ""
    build_image(engine, bentoml.get(f"{built.name}:{built.version}"), image, network)
    bill = write_bill(engine, image, built.name, built.version)
    print(welcome(engine, image, bill))
    return 0


def check_name(name: str) -> None:
    """Raise unless an engine would take the name."""
    part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    if not re.fullmatch(
        rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{part}(?:/{part})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?", name
    ):
        raise OperatorError(
            f"IMAGE must be like registry.example/team/wine or wine:1.0, in lower case, not {name[:80]!r}."
        )


def with_tag(name: str, version: str) -> str:
    """Return the name with the version as its tag, unless it has a tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:{version}"


def build_image(engine: Engine, bento: bentoml.Bento, image: str, network: str) -> None:
    """Build BentoML's image, and the one to ship out of it."""
    tag, base = str(bento.tag), base_image(bento)
    intermediate = f"{image}-bento"
    containerize = ["containerize", tag, "--image-tag", intermediate, "--backend", engine.client]
    options = ["--opt", network] if network else []
    engine.show(*containerize, *options, program=[sys.executable, "-W", "ignore", "-m", "bentoml"])
    arguments = {"BENTO_IMAGE": intermediate, "BASE_IMAGE": base}
    words = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    words += [word for name, value in labels(bento, base).items() for word in ("--label", f"{name}={value}")]
    engine.build(str(DEPLOY), image, [*([f"--{network}"] if network else []), *words])
    engine.ask("rmi", intermediate)


def base_image(bento: bentoml.Bento) -> str:
    """Return the image that the Bento stands on."""
    return str(bento.info.image.base_image)  # type: ignore[attr-defined]


def labels(bento: bentoml.Bento, base: str) -> dict[str, str]:
    """Return what the image says about itself, under OCI's names and, for a model, our own."""
    return {
        "org.opencontainers.image.title": bento.tag.name,
        "org.opencontainers.image.version": str(bento.tag.version),
        "org.opencontainers.image.revision": revision(),
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.base.name": base,
        **(model_labels(bento.info.all_models[0].tag) if bento.info.all_models else {}),
    }


def model_labels(tag: bentoml.Tag) -> dict[str, str]:
    """Return what the image says about the model in it."""
    model = bentoml.models.get(tag)
    return {"forest.model.tag": str(model.tag), "forest.model.sha256": str(model.info.metadata["engine_sha256"])}


def revision(folder: Path = ROOT) -> str:
    """Return the commit, with "-dirty" if files differ from it, or "unknown" where there is no repository."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def welcome(engine: Engine, image: str, bill: Path) -> str:
    """Return what was made and what to do next."""
    megabytes = int(engine.ask("image", "inspect", "--format", "{{.Size}}", image)) / 1e6
    return f"""
  image  {image}, {megabytes:.0f} MB
  parts  {os.path.relpath(bill)} (CycloneDX)

  {engine.client} run --rm -p 3000:3000 {image}
"""


if __name__ == "__main__":
    run(main)
