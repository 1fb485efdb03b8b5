"""The container engine on this machine: docker or podman, whichever answers first."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from forest_serving.errors import OperatorError

CLIENTS = ("docker", "podman")
INSTALL = "sudo apt-get install podman (Debian, Ubuntu), or Docker, as docs.docker.com/engine/install says"


class Engine:
    """A client whose engine answers.

    Args:
        client: "docker" or "podman".
    """

    def __init__(self, client: str) -> None:
        self.client = client
        self.environment = dict(os.environ)
        if client == "docker" and not _can_build_with_buildkit():
            self.environment["DOCKER_BUILDKIT"] = "0"

    def build(self, folder: str, tag: str, arguments: Sequence[str]) -> None:
        """Build the image of a folder's Dockerfile; the engine's words go to the terminal."""
        # podman's own format has no place for HEALTHCHECK
        as_docker = ["--format", "docker"] if self.client == "podman" else []
        self.show("build", *as_docker, *arguments, "--tag", tag, folder)

    def show(self, *arguments: str, program: Sequence[str] = ()) -> None:
        """Run the client, or another program, to its end; its words go to the terminal."""
        command = [*(program or [self.client]), *arguments]
        if subprocess.run(command, env=self.environment, check=False).returncode:
            raise OperatorError(f"{command[-len(arguments) - 1]} {arguments[0]} failed; what was said is above.")

    def ask(self, *arguments: str) -> str:
        """Return what the client prints."""
        done = subprocess.run(
            [self.client, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OperatorError(f"{self.client} {arguments[0]} failed: {_last_line(done.stderr)}")
        return done.stdout.strip()


def find_engine() -> Engine:
    """Return the first engine that answers.

    Raises:
        OperatorError: if there is none; the sentence says what to install or start.
    """
    found = [client for client in CLIENTS if shutil.which(client)]
    reasons = []
    for client in found:
        done = subprocess.run([client, "info"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return Engine(client)
        reasons.append(f"{client} is installed but does not answer ({_last_line(done.stderr)})")
    if reasons:
        raise OperatorError(f"{'; '.join(reasons)}. Start it, or install another: {INSTALL}")
    raise OperatorError(f"An image needs Docker or Podman, and neither is installed: {INSTALL}")


def _can_build_with_buildkit() -> bool:
    """Return whether the client has BuildKit: built in until 20.10, later as a plugin that may be missing."""
    if subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0:
        return True
    shown = subprocess.run(["docker", "--version"], capture_output=True, text=True, check=False).stdout
    major = shown.removeprefix("Docker version ").partition(".")[0]
    return major.isdigit() and int(major) < 23


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].rstrip(".")[:200] if lines else "it gave no reason"
