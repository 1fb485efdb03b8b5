"""Real servers for tests: each on a free port of 127.0.0.1, bounded in time, stopped at the end."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
START_S = 60


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home, **variables):
    """Return this process's environment with a BentoML home, without what tests set or "make test" passes down.

    Servers stop at once; tests of draining say otherwise.
    """
    dropped = ("FOREST_", "OTEL_", "AIP_", "SAGEMAKER_", "BENTOML_CONFIG", "MAKE", "MFLAGS", "ARGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"BENTOML_HOME": str(home), "FOREST_DRAIN_S": "0"} | variables


def bentoml(*arguments, home, cwd=ROOT, python=sys.executable, **variables):
    """Run a bentoml command to its end."""
    command = [python, "-m", "bentoml", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(home, **variables), capture_output=True, text=True, timeout=300
    )


@contextlib.contextmanager
def serving(*target, home, port=None, cwd=ROOT, python=sys.executable, certificates=None, **variables):
    """Run "bentoml serve TARGET" on a free port, or this one, and yield its URL once it is ready.

    The URL begins with https if certificates are given.
    """
    port = port or free_port()
    command = [python, "-m", "bentoml", "serve", *target, "--host", "127.0.0.1", "--port", str(port)]
    log = Path(home) / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=cwd, env=environment(home, **variables), stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield wait_until_ready(server, f"{'https' if certificates else 'http'}://127.0.0.1:{port}", log, certificates)
    finally:
        stop(server)


def wait_until_ready(server, url, log, certificates=None):
    """Return the URL once the server is ready."""
    tls = {"verify": str(certificates.authority), "cert": str(certificates.client)} if certificates else {}
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            if requests.get(f"{url}/readyz", timeout=10, **tls).ok:
                return url
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def stop(server):
    """End a server and all that it started; it must leave by itself within 20 seconds."""
    with contextlib.suppress(ProcessLookupError):
        server.send_signal(signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        raise AssertionError("the server did not stop") from None


def copy_of_store(home, target):
    """Return a new BentoML home with the same models and Bentos."""
    for store in ("models", "bentos"):
        if (Path(home) / store).exists():
            shutil.copytree(Path(home) / store, Path(target) / store, symlinks=True)
    return target
