"""Containers for tests: started, asked until ready, and removed, however the test ends."""

import contextlib
import json
import time
import uuid

import requests

from tests.support.servers import free_port

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
READY_S = 60
# What a cluster with strict rules allows: no privileges, nothing writable but /tmp, 256 MB.
HARDENED = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "256m", "--memory-swap", "256m", "--pids-limit", "64"),
)


class Container:
    """A running container, and the URL of what it serves."""

    def __init__(self, engine, name, url):
        self.engine, self.name, self.url = engine, name, url

    def predict(self, session=requests, timeout_s=10):
        """Return the reply to one flower."""
        return session.post(f"{self.url}/predict", json=ROWS, timeout=timeout_s)

    def inspect(self):
        """Return what the engine knows about it."""
        return json.loads(self.engine.run("inspect", self.name))[0]

    def exec(self, *command):
        """Return what a command inside it prints."""
        return self.engine.run("exec", self.name, *command)

    def logs(self):
        """Return what it wrote."""
        done = self.engine.attempt("logs", self.name)
        return done.stdout + done.stderr


@contextlib.contextmanager
def started(engine, image, *options, command=(), port=None, network=None, **variables):
    """Start a container on the host's network, or the one named, and yield it; remove it at the end.

    It serves on 127.0.0.1 and a free port by BentoML's own variables, unless a port is given that options set.
    """
    name = f"iris-test-{uuid.uuid4().hex[:12]}"
    variables = {"BENTOML_HOST": "127.0.0.1", "FOREST_DRAIN_S": "0"} | variables
    if port is None:
        variables["BENTOML_PORT"] = str(port := free_port())
    words = [word for variable, value in variables.items() for word in ("--env", f"{variable}={value}")]
    network = engine.network if network is None else ("--network", network)
    try:
        engine.run("run", "--detach", "--name", name, *network, *options, *words, image, *command)
        yield Container(engine, name, f"http://127.0.0.1:{port}")
    finally:
        engine.attempt("rm", "--force", "--volumes", name)


@contextlib.contextmanager
def serving(*arguments, **keywords):
    """Start a container and yield it once it is ready."""
    with started(*arguments, **keywords) as container:
        wait_until_ready(container)
        yield container


def wait_until_ready(container):
    """Return once the container's server is ready; fail with its log if it ends or takes too long."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            if requests.get(f"{container.url}/readyz", timeout=5).ok:
                return
        if container.engine.run("inspect", "--format", "{{.State.Running}}", container.name) != "true":
            break
        time.sleep(0.02)
    raise AssertionError(f"the container is not ready:\n{container.logs()}")


def wait_until(condition, timeout_s):
    """Return the first true value of a function; fail after a while."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        time.sleep(0.05)
    return value
