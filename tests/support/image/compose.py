"""deploy/compose.yaml, brought up where engines may have no network of their own.

Everything else is as shipped; only the network is the host's, and each service has a loopback address of its own.
"""

import contextlib
import shutil
import subprocess
import uuid

import yaml

from tests.support.image.debian_packages import unpack
from tests.support.servers import ROOT

REPLICAS = {"iris-a": "127.73.0.2", "iris-b": "127.73.0.3"}
BALANCER, PROMETHEUS = "127.73.0.1:8080", "127.73.0.1:9090"
PROXY_VARIABLES = {
    "PROXY_LISTEN": BALANCER,
    "PROXY_SERVER_A": "127.73.0.2:3000",
    "PROXY_SERVER_B": "127.73.0.3:3000",
}
PROMETHEUS_OPTIONS = [f"--web.listen-address={PROMETHEUS}", "--storage.tsdb.path=/tmp/prometheus"]


class Project:
    """A Compose project, and where its services answer."""

    balancer, prometheus = f"http://{BALANCER}", f"http://{PROMETHEUS}"

    def __init__(self, engine, client, environment, *files):
        self.engine, self.client, self.environment = engine, client, environment
        named = [word for file in files for word in ("--file", str(file))]
        self.command = [*client, "--project-name", f"iris{uuid.uuid4().hex[:8]}", *named]

    def compose(self, *arguments):
        """Run Compose to its end and return what it printed."""
        done = subprocess.run(
            [*self.command, *arguments], env=self.environment, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def container(self, service):
        """Return the identifier of a service's container."""
        return self.compose("ps", "--quiet", service).strip()

    def kill(self, service, image):
        """Kill a service's first process from outside, as the kernel would; "docker kill" would prevent its restart."""
        pid = self.engine.run("inspect", "--format", "{{.State.Pid}}", self.container(service))
        options = ["--rm", "--pid", "host", "--user", "0", "--network", "none"]
        self.engine.run("run", *options, image, "python", "-c", f"import os; os.kill({pid}, 9)")


@contextlib.contextmanager
def brought_up(engine, images, folder):
    """Bring the project up with images, named by variable, and yield it; take it down at the end."""
    command, variables = compose_command(engine, folder)
    project = Project(engine, command, engine.environment | variables | images, on_the_host(folder))
    try:
        project.compose("up", "--detach")
        yield project
    finally:
        project.compose("down", "--volumes", "--timeout", "1")


def compose_command(engine, folder):
    """Return the engine's own Compose, or Debian's, and the variables that it needs."""
    if engine.attempt("compose", "version").returncode == 0:
        return [engine.client, "compose"], {}
    root = unpack(folder / "compose", "docker-compose")
    return ["/usr/bin/python3", f"{root}/usr/bin/docker-compose"], {
        "PYTHONPATH": f"{root}/usr/lib/python3/dist-packages"
    }


def on_the_host(folder):
    """Write the shipped file with the host's network, and return its path."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    file = folder / "deploy" / "compose.yaml"
    project = yaml.safe_load(file.read_text())
    for name, shipped in project["services"].items():  # the replicas are one object, by YAML's alias
        service = {key: value for key, value in shipped.items() if key != "ports"} | {"network_mode": "host"}
        if name in REPLICAS:
            service["environment"] = {"BENTOML_HOST": REPLICAS[name], "FOREST_DRAIN_S": "1"}
        project["services"][name] = service
    project["services"]["balancer"] |= {"environment": PROXY_VARIABLES, "user": "99"}
    prometheus = project["services"]["prometheus"]
    prometheus["command"] = ["prometheus", prometheus["command"][0], *PROMETHEUS_OPTIONS]
    prometheus["extra_hosts"] = [f"{name}:{address}" for name, address in REPLICAS.items()]
    prometheus |= {"user": "65534", "tmpfs": ["/tmp"]}
    file.write_text(yaml.safe_dump(project, sort_keys=False))
    return file
