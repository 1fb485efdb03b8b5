"""What is compared: each folder of benchmarks/peers, described by its peer.toml."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from benchmarks.server import PEERS, ROOT

ORDER = (
    "iris",
    "iris-asgi",
    "go",
    "uvicorn",
    "uvloop",
    "httptools",
    "fastapi-onnx",
    "fastapi",
    "flask",
    "django",
    "bentoml-tutorial",
    "litserve",
    "mlserver",
    "mlflow",
)


@dataclass(frozen=True)
class Peer:
    """One server, as its peer.toml describes it.

    Attributes:
        name: its folder's name.
        title: its name in tables.
        command: what starts it; {python}, {bin}, {work}, {port}, {port2} and {port3} are filled in.
        path: where it takes predictions.
        packages: whose versions to report.
        body: a request; ROWS stands for a list of rows, COUNT for their number.
        labels: the keys that lead to the labels in its reply.
        fixed_reply: whether it answers without looking, so that there is nothing to check.
        directory: where it runs; its folder, unless another is named relative to the project.
        requirements: its locked requirements, likewise.
        environment: further variables, filled in as the command is.
        prepare: a command to run once, in its environment.
        build: a command that makes it, if it needs no Python.
        like: the peer whose peer.toml holds for what its own leaves out, and whose environment it runs in.
    """

    name: str
    title: str
    command: list[str]
    path: str
    body: str
    labels: list[str | int] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    fixed_reply: bool = False
    directory: str = ""
    requirements: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    prepare: list[str] = field(default_factory=list)
    build: list[str] = field(default_factory=list)
    like: str = ""

    @classmethod
    def read(cls, name: str) -> Self:
        """Return the peer of that name."""
        own = described(name)
        return cls(name=name, **(described(own["like"]) if "like" in own else {}) | own)

    def variant(self, name: str, **changes: Any) -> Self:
        """Return this peer under another name, started in another way."""
        return replace(
            self, name=name, like=self.like or self.name, directory=self.directory or f"{PEERS / self.name}", **changes
        )

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return ROOT / self.directory if self.directory else PEERS / self.name

    @property
    def lock(self) -> Path | None:
        """Its locked requirements; None if it needs no Python."""
        if self.build:
            return None
        return ROOT / self.requirements if self.requirements else PEERS / (self.like or self.name) / "requirements.txt"

    def request(self, rows: Sequence[Sequence[float]]) -> bytes:
        """Return the body that asks for some rows."""
        text = json.dumps([list(row) for row in rows], separators=(",", ":"))
        return self.body.replace("ROWS", text).replace("COUNT", str(len(rows))).encode()

    def labels_in(self, reply: bytes) -> list[Any]:
        """Return the labels in a reply."""
        answer: Any = json.loads(reply)
        for key in self.labels:
            answer = answer[key]
        return [int(label) for label in answer]


def described(name: str) -> dict[str, Any]:
    """Return what a peer.toml says."""
    return tomllib.loads((PEERS / name / "peer.toml").read_text())


def read_peers(names: Sequence[str]) -> list[Peer]:
    """Return the named peers, each once."""
    unknown = sorted(set(names) - set(ORDER))
    if unknown:
        raise SystemExit(f"There is no peer {', '.join(unknown)}; PEERS can name: {' '.join(ORDER)}.")
    return [Peer.read(name) for name in dict.fromkeys(names)]
