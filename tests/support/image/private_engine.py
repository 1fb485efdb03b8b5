"""A private Docker engine for tests, where the machine has none: Debian's packages, unpacked and never installed.

    with private_engine() as engine:
        engine.run("run", "--rm", "--network", "host", "python:3.11-slim", "python", "--version")

It needs root and Debian. It runs in process and mount namespaces of its own, so that ending one process ends every
container and takes every mount along, also when the tests or the engine itself were killed. It touches no network
state: containers have the network "host" or "none". In a network namespace of its own it may have any network.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.support.image.debian_packages import unpack as unpack_packages

NO_NETWORK_STATE = (
    *("--bridge=none", "--iptables=false", "--ip6tables=false"),
    *("--ip-forward=false", "--ip-masq=false", "--userland-proxy=false"),
)
# Ports are published by Docker's proxy; a stack file cannot say "no-new-privileges".
OWN_NETWORK = ("--iptables=false", "--ip6tables=false", "--no-new-privileges")
START_S = 30


class Engine(NamedTuple):
    """An engine that answers.

    Args:
        client: "docker" or "podman".
        environment: variables with which the client, and what calls it, finds the engine.
        network: options of "build" and "run" for the network.
        folder: for what lives as long as the engine.
    """

    client: str
    environment: dict[str, str]
    network: tuple[str, ...]
    folder: Path

    def run(self, *arguments, timeout_s=60, input=None):
        """Run the client to its end and return what it printed; fail with its words if it fails."""
        done = self.attempt(*arguments, timeout_s=timeout_s, input=input)
        assert done.returncode == 0, f"{self.client} {' '.join(arguments)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout.strip()

    def attempt(self, *arguments, timeout_s=60, input=None):
        """Run the client to its end and return the completed process, failed or not."""
        return subprocess.run(
            [self.client, *arguments],
            env=self.environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )


@contextlib.contextmanager
def private_engine(network_namespace=None, programs=None):
    """Start an engine and yield it; stop it and remove all that it wrote, however the block ends.

    Args:
        network_namespace: the path of one, such as /run/netns/x, whose network is then what "host" means.
        programs: where another private engine, which lives longer, has unpacked its packages.
    """
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"private-engine-{os.getpid()}-"))
    try:
        programs = programs or unpack(folder)
        environment = environment_with(programs, folder)
        with running(folder, programs, environment, network_namespace):
            yield Engine("docker", environment, ("--network", "host"), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        remove_cgroups(folder.name)


def remove_leftovers():
    """Remove what engines left whose tests were killed."""
    for folder in Path(tempfile.gettempdir()).glob("private-engine-*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[2])):
            shutil.rmtree(folder, ignore_errors=True)
            remove_cgroups(folder.name)


def unpack(folder):
    """Unpack Debian's engine, and the builder of its base image, and return the root of their files."""
    root = unpack_packages(folder, "docker.io", "containerd", "runc", "tini", "mmdebstrap")
    if (root / "usr/sbin/xtables-nft-multi").exists():  # else this machine has iptables itself
        (root / "usr/sbin/iptables").symlink_to("xtables-nft-multi")
    return root


def environment_with(programs, folder):
    """Return the environment that finds the programs, and the engine in its folder."""
    paths = [f"{programs}/usr/bin", f"{programs}/usr/sbin", "/usr/bin", "/usr/sbin", os.environ["PATH"]]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    return kept | {
        "PATH": os.pathsep.join(paths),
        "DOCKER_HOST": f"unix://{folder}/docker.sock",
        "DOCKER_CONFIG": f"{folder}/config",
        "DOCKER_BUILDKIT": "1",
    }


def paths_of_libraries(programs):
    """Return the variables by which the programs find their libraries, and iptables its extensions."""
    folders = {str(path.parent) for path in programs.rglob("*.so.*")}
    extensions = [str(path) for path in programs.glob("usr/lib/*/xtables")]
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders)} | ({"XTABLES_LIBDIR": extensions[0]} if extensions else {})


@contextlib.contextmanager
def running(folder, programs, environment, network_namespace):
    """Run dockerd until the block ends; the kernel ends it, and all of its containers, if this process is killed."""
    command = [
        *("setpriv", "--pdeathsig", "KILL"),
        *(("nsenter", f"--net={network_namespace}") if network_namespace else ()),
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("tini", "--", "dockerd", "--host", environment["DOCKER_HOST"]),
        *(OWN_NETWORK if network_namespace else NO_NETWORK_STATE),
        *("--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "dockerd.pid"),
        *("--storage-driver", "overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs"),
        *("--cgroup-parent", f"/{folder.name}", "--shutdown-timeout", "1"),
    ]
    log = folder / "dockerd.log"
    with log.open("w") as output:
        variables = environment | paths_of_libraries(programs)
        engine = subprocess.Popen(command, env=variables, stdout=output, stderr=output, start_new_session=True)
    try:
        wait_until_ready(engine, environment, log)
        yield
    finally:
        stop(engine)


def wait_until_ready(engine, environment, log):
    """Return once the engine answers."""
    deadline = time.monotonic() + START_S
    while engine.poll() is None and time.monotonic() < deadline:
        if subprocess.run(["docker", "info"], env=environment, capture_output=True, timeout=START_S).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError(f"the engine did not start:\n{log.read_text()[-3000:]}")


def stop(engine):
    """End the engine and, with its process namespace, everything that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(engine.pid).children():
            child.terminate()
    try:
        engine.wait(timeout=20)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait()


def remove_cgroups(name):
    """Remove the empty control groups that killed containers leave."""
    for parent in (*Path("/sys/fs/cgroup").glob(name), *Path("/sys/fs/cgroup").glob(f"*/{name}")):
        for group in sorted((path for path in (parent, *parent.rglob("*")) if path.is_dir()), reverse=True):
            with contextlib.suppress(OSError):
                group.rmdir()
