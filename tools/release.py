"""make release: beside the wheel, its bill of materials, the statement of where it came from, and checksums of all.

make release                                            into dist/
make release REPOSITORY=https://host.example/you/forest  and say in the statement where the source is

It makes a release of a commit, not of what is lying about: equal commits give equal files.
"""

import argparse
import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from forest_serving import __version__
from forest_serving.command_line import run
from forest_serving.errors import OperatorError
from tools.bill_of_materials import bill_of_wheel
from tools.lock_file import Locked, read_lock
from tools.provenance import statement
from tools.train_if_missing import ROOT

NAME = f"forest_serving-{__version__}"


def main() -> int:
    """Check what a release stands on, or write what belongs to it; return the exit code."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("step", choices=("check", "write"))
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="the folder with the wheel")
    parser.add_argument(
        "--repository", default="", help="the URL of the source, such as https://host.example/you/forest"
    )
    arguments = parser.parse_args()
    check()
    if arguments.step == "write":
        print("\n".join(f"  {file}" for file in write(arguments.dist, arguments.repository)))
    return 0


def check() -> None:
    """Raise unless the tree is a commit, with a chapter of the changelog, and any tag on it is the version's."""
    if changed := git("status", "--porcelain"):
        first = changed.splitlines()[0].split(maxsplit=1)[1]
        raise OperatorError(f"A release is made of a commit, and {first[:80]} is not in it; commit or remove it first.")
    if not re.search(rf"^## {re.escape(__version__)} – \d", (ROOT / "CHANGELOG.md").read_text(), re.M):
        raise OperatorError(f'CHANGELOG.md has no chapter "## {__version__} – <date>"; write it, and commit.')
    version, here = f"v{__version__}", git("tag", "--points-at", "HEAD").split()
    if version not in here and git("tag", "--list", version):
        raise OperatorError(f"{version} is tagged on another commit; raise __version__ in forest_serving/__init__.py.")
    if version not in here and (others := [tag for tag in here if re.match(r"v\d", tag)]):
        raise OperatorError(f"The tag {others[0]} is not this version's, which is {version}; make one say the other.")


def write(dist: Path, repository: str) -> list[Path]:
    """Write the bill of materials, the statement and the checksums of all, and return the files."""
    wheel = dist / f"{NAME}-py3-none-any.whl"
    bill, provenance = dist / f"{NAME}.cdx.json", dist / f"{NAME}.provenance.json"
    package = Locked("forest-serving", __version__, "", (digest_of(wheel),))
    bill.write_text(bill_of_wheel(package, read_lock(ROOT / "requirements.txt")))
    subjects = {file.name: digest_of(file) for file in (wheel, bill)}
    told = statement(subjects, source(repository), read_lock(ROOT / "requirements-dev.txt"))
    provenance.write_text(json.dumps(told, indent=2) + "\n")
    sums = dist / "SHA256SUMS"
    sums.write_text("".join(f"{digest_of(file)}  {file.name}\n" for file in (wheel, bill, provenance)))
    return [wheel, bill, provenance, sums]


def source(repository: str) -> dict[str, Any]:
    """Return the commit as in-toto's resource descriptor; its URL is only known if it is told."""
    commit = git("rev-parse", "HEAD")
    url = {"uri": f"git+{repository}@{commit}"} if repository else {}
    return {**url, "digest": {"gitCommit": commit}}


def digest_of(file: Path) -> str:
    """Return a file's SHA-256, as hexadecimal digits."""
    return sha256(file.read_bytes()).hexdigest()


def git(*arguments: str) -> str:
    """Return what git says of this folder."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperatorError(f"A release needs git and a clone: git {arguments[0]} failed: {done.stderr.strip()[:200]}.")
    return done.stdout.strip()


if __name__ == "__main__":
    run(main)
