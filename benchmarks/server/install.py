"""An environment for each peer, made from its locked requirements by the script behind "make setup"."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.server import PEERS, ROOT
from benchmarks.server.peers import Peer

INSTALL_S = 900


class DidNotStart(Exception):
    """A peer cannot be measured; the message says why."""


def require_go() -> None:
    """Exit with one sentence unless Go is installed."""
    if not shutil.which("go"):
        raise SystemExit("Go is missing. On Debian and Ubuntu: apt-get install golang-go")


def environment_of(peer: Peer, prefix: str) -> Path:
    """Return the folder of a peer's environment; PREFIX is that of all of them."""
    return ROOT / f"{prefix}-{peer.like or peer.name}"


def install(peer: Peer, prefix: str, work: Path) -> None:
    """Make a peer's environment unless it is complete and newer than its lock, or build what is not Python."""
    if peer.lock is None:
        run([part.format(work=work) for part in peer.build], PEERS / peer.name)
        return
    venv = environment_of(peer, prefix)
    complete = venv / ".complete"
    if not complete.exists() or complete.stat().st_mtime < peer.lock.stat().st_mtime:
        run(["sh", "tools/setup.sh", str(venv), str(peer.lock), sys.executable], ROOT)


def build_generator(work: Path) -> Path:
    """Build the load generator and return the program."""
    program = work / "generator"
    run(["go", "build", "-o", str(program), "."], Path(__file__).parent / "generator")
    return program


def run(command: list[str], directory: Path, environment: dict[str, str] | None = None) -> None:
    """Run a command to its end; if it fails, DidNotStart has the last line that it wrote."""
    try:
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DidNotStart(f"{command[0]} did not end well: {error}") from None
    if done.returncode:
        raise DidNotStart(f"{command[0]} failed: {last_line(done.stderr or done.stdout)}")


def last_line(text: str) -> str:
    """Return the last line that names an error, or else the last with words in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (errors or lines or ["it ended without a word"])[-1][:200]
