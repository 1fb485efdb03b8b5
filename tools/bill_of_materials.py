"""Bills of materials, in CycloneDX: of an image, read from the image itself, and of the wheel, read from its lock.

Equal contents give equal bills: they hold no time, and their serial number is made from what they list.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.engine import Engine
from tools.lock_file import Locked
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
    whole = Component(name=name, version=version, bom_ref=f"{name}@{version}", type=ComponentType.CONTAINER)
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{name}-{version}.cdx.json"
    file.write_text(bill(whole, [component(*package) for package in packages]))
    return file


def bill_of_wheel(wheel: Locked, requirements: Iterable[Locked]) -> str:
    """Return the bill of the wheel: itself, and what serving with it was locked to."""
    whole, *parts = (
        component("pypi", *each[:2], sha256=each.sha256, marker=each.marker) for each in (wheel, *requirements)
    )
    return bill(whole, parts)


def bill(whole: Component, parts: Iterable[Component]) -> str:
    """Return the text of a bill; its serial number is a hash of its parts' names, versions and hashes."""
    made = Bom(components=parts)
    made.metadata.component = whole
    made.metadata.timestamp = None  # type: ignore[assignment]  # optional in CycloneDX; the library sets the clock's
    made.register_dependency(whole, made.components)
    listed = [(str(part.bom_ref), sorted(each.content for each in part.hashes)) for part in (whole, *made.components)]
    made.serial_number = uuid5(NAMESPACE_URL, json.dumps(listed))
    return JsonV1Dot6(made).output_as_string(indent=2) + "\n"


def component(kind: str, name: str, version: str, sha256: Iterable[str] = (), marker: str = "") -> Component:
    """Return a package; kind is "pypi" or "deb", and the marker says on which Pythons and systems it is installed."""
    where = PackageURL(kind, "debian" if kind == "deb" else None, name, version)
    return Component(
        name=name,
        version=version,
        purl=where,
        bom_ref=str(where),
        type=ComponentType.LIBRARY,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in sha256],
        properties=[Property(name="python:marker", value=marker)] if marker else (),
    )
