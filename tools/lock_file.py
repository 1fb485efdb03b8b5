"""What a lock file says: each package's version, where it applies, and the hashes of its files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PACKAGE = re.compile(
    r"^(?P<name>[a-z0-9][^ =]*)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+?))? \\\n(?P<hashes>(?: .*\n)+)", re.M
)


class Locked(NamedTuple):
    """One package of a lock.

    Attributes:
        name: in its normal form.
        version: the one version.
        marker: where it is installed; empty if everywhere.
        sha256: of each of its files, sorted, as hexadecimal digits. An installer takes the one that fits its machine.
    """

    name: str
    version: str
    marker: str
    sha256: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package's URL, as bills of materials and statements name it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(file: Path) -> Iterator[Locked]:
    """Yield the packages of a file that "make lock" wrote, in its order."""
    for found in _PACKAGE.finditer(file.read_text()):
        hashes = re.findall("sha256:([0-9a-f]{64})", found["hashes"])
        yield Locked(found["name"], found["version"], found["marker"] or "", tuple(sorted(hashes)))
