"""The image's bill of materials, in CycloneDX: its Python and Debian packages, read from the image itself."""

import json
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.engine import Engine
from tools.train_if_missing import ROOT

FOLDER = ROOT / "dist"
LIST = """
import importlib.metadata, json, subprocess, sys
python = [["pypi", d.metadata["Name"].lower().replace("_", "-"), d.version] for d in importlib.metadata.distributions()]
shown = subprocess.run(["dpkg-query", "-W", "-f=deb ${Package} ${Version}\\n"], capture_output=True, text=True).stdout
json.dump(python + [line.split() for line in shown.splitlines()], sys.stdout)
"""


def write_bill(engine: Engine, image: str, name: str, version: str) -> Path:
    """Write what an image holds to dist/, and return the file."""
    options = ["--rm", "--network", "none", "--entrypoint", "python"]
    packages = json.loads(engine.ask("run", *options, image, "-c", LIST))
    bill = Bom(components=[component(*package) for package in packages])
    whole = Component(name=name, version=version, type=ComponentType.CONTAINER)
    bill.metadata.component = whole
    bill.register_dependency(whole, bill.components)
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{name}-{version}.cdx.json"
    file.write_text(JsonV1Dot6(bill).output_as_string(indent=2) + "\n")
    return file


def component(kind: str, name: str, version: str) -> Component:
    """Return a package; kind is "pypi" or "deb"."""
    where = PackageURL(kind, "debian" if kind == "deb" else None, name, version)
    return Component(name=name, version=version, purl=where, bom_ref=str(where), type=ComponentType.LIBRARY)
