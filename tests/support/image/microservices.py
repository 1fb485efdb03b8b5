"""deploy/compose.microservices.yaml as shipped, names and networks included, in a private engine in its own network."""

import contextlib
import json
import shutil
import uuid

import requests
import yaml

from tests.support.image.clients import Clients
from tests.support.image.compose import Project, compose_command
from tests.support.image.own_network import own_network
from tests.support.image.private_engine import private_engine
from tests.support.image.swarm import copy_image
from tests.support.servers import ROOT

BALANCER, PROMETHEUS = "http://127.0.0.1:8080", "http://127.0.0.1:9090"
FILE = "compose.microservices.yaml"
ID = "flower/1 é"
BY_ID = {"ids": [ID]}
PAUSE_S = 0.01
PATIENCE_S = 40


class Microservices(Project):
    """The project, and the network from whose threads it can be asked."""

    def __init__(self, engine, network, command, environment, file):
        super().__init__(engine, command, environment, file)
        self.network = network

    def scale(self, **n_replicas):
        """Change the number of replicas of services; what is not named gets what the file says."""
        words = [word for name, number in n_replicas.items() for word in ("--scale", f"{name}={number}")]
        self.compose("up", "--detach", "--no-recreate", *words)

    def containers(self, service):
        """Return the identifiers of a service's containers."""
        return self.compose("ps", "--quiet", service).split()

    def kill_process_of(self, container, image):
        """Kill a container's first process from outside, as the kernel would, so that it is restarted."""
        pid = self.engine.run("inspect", "--format", "{{.State.Pid}}", container)
        options = ["--rm", "--pid", "host", "--user", "0", "--network", "none"]
        self.engine.run("run", *options, image, "python", "-c", f"import os; os.kill({pid}, 9)")

    def redis(self, *words):
        """Return what a command of Redis gives."""
        (container,) = self.containers("redis")
        password = ("--env", f"REDISCLI_AUTH={self.environment['REDIS_PASSWORD']}")
        return self.engine.run("exec", *password, container, "redis-cli", "--raw", *words)

    def clients(self, body):
        """Return clients that ask the balancer with this body."""
        return Clients(BALANCER, PAUSE_S, None, self.network.enter, body, PATIENCE_S)

    def status(self, body):
        """Return the status of a request; None if there is no reply."""
        with contextlib.suppress(requests.RequestException):
            post = lambda: requests.post(f"{BALANCER}/predict", json=body, timeout=PATIENCE_S)  # noqa: E731
            return self.network.call(post).status_code
        return None

    def measured(self, query):
        """Return the one number that Prometheus has for a query, or None."""
        url, query = f"{PROMETHEUS}/api/v1/query", {"query": query}
        with contextlib.suppress(requests.RequestException):
            result = self.network.call(lambda: requests.get(url, params=query, timeout=5)).json()["data"]["result"]
            return float(result[0]["value"][1]) if result else None
        return None

    def facts(self, service):
        """Return what the engine knows about each of a service's containers."""
        return json.loads(self.engine.run("inspect", *self.containers(service)))


@contextlib.contextmanager
def microservices(source, images, folder):
    """Bring the project up with images of another engine, named by variable, and yield it; remove all at the end."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    file = folder / "deploy" / FILE
    start_prometheus_by_name(file)
    programs = source.folder / "root"
    with own_network() as network, private_engine(network.path, programs if programs.exists() else None) as engine:
        for image in images.values():
            copy_image(source, engine, image)
        command, variables = compose_command(engine, folder)
        environment = engine.environment | variables | images | {"REDIS_PASSWORD": uuid.uuid4().hex}
        project = Microservices(engine, network, command, environment, file)
        try:
            project.compose("up", "--detach")
            yield project
        finally:
            project.compose("down", "--volumes", "--timeout", "1")


def start_prometheus_by_name(file):
    """Rewrite the shipped file: Debian's image of Prometheus has no entry point."""
    project = yaml.safe_load(file.read_text())
    project["services"]["prometheus"]["entrypoint"] = ["prometheus"]
    file.write_text(yaml.safe_dump(project, sort_keys=False))
