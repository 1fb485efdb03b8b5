"""What a peer finds when it starts: ports, paths and environment variables."""

import contextlib
import os
import socket
from pathlib import Path
from typing import Any

from benchmarks.server.install import environment_of
from benchmarks.server.peers import Peer

# What make, tests and other servers set must not reach a peer.
DROPPED = ("FOREST_", "BENTOML", "MLSERVER", "MLFLOW", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV")


def places(peer: Peer, prefix: str, work: Path) -> dict[str, Any]:
    """Return what the names in a peer's commands stand for."""
    venv = environment_of(peer, prefix)
    ports = dict(zip(("port", "port2", "port3"), free_ports(3), strict=True))
    return {"python": venv / "bin" / "python", "bin": venv / "bin", "work": work, **ports}


def environment_for(peer: Peer, names: dict[str, Any], home: Path) -> dict[str, str]:
    """Return a peer's environment variables; its BentoML home is new, with the models that were trained."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    kept["PATH"] = f"{names['bin']}{os.pathsep}{kept['PATH']}"
    forms = {"FOREST": f"{names['work']}/forest.joblib", "ONNX": f"{names['work']}/forest.onnx"}
    quiet = {"DO_NOT_TRACK": "1", "BENTOML_DO_NOT_TRACK": "True", "MLFLOW_DISABLE_TELEMETRY": "true"}
    (home / "models").mkdir(parents=True, exist_ok=True)
    for model in (names["work"] / "bentoml" / "models").glob("*"):
        with contextlib.suppress(FileExistsError):
            (home / "models" / model.name).symlink_to(model)
    own = {name: value.format(**names) for name, value in peer.environment.items()}
    return kept | forms | quiet | {"BENTOML_HOME": str(home)} | own


def free_ports(n: int) -> list[int]:
    """Return ports of this machine that nothing listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(n)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
