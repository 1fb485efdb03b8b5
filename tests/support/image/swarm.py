"""deploy/swarm.yaml on a swarm of one node, in a private engine whose network is its own.

It is deployed as shipped, overlay networks and names included; only times are shorter.
"""

import contextlib
import shutil

import requests
import yaml

from tests.support.image.own_network import own_network
from tests.support.image.private_engine import private_engine
from tests.support.servers import ROOT

NAME = "iris"
SHORT_TIMES = {"delay": "1s", "monitor": "3s"}
START_PERIOD = "12s"


class Stack:
    """A stack, and the network from whose threads it can be asked at its URL."""

    url = "http://127.0.0.1:8080"

    def __init__(self, engine, network, folder, haproxy_image):
        self.engine, self.network, self.folder, self.haproxy_image = engine, network, folder, haproxy_image

    def deploy(self, image, n_replicas, *more_files):
        """Do what the README says to deploy or update it; return at once, as that does."""
        variables = {"IMAGE": image, "HAPROXY_IMAGE": self.haproxy_image, "REPLICAS": str(n_replicas)}
        files = [word for name in ("swarm.yaml", *more_files) for word in ("--compose-file", str(self.folder / name))]
        engine = self.engine._replace(environment=self.engine.environment | variables)
        engine.run("stack", "deploy", "--resolve-image", "never", *files, NAME)

    def scale(self, n_replicas):
        """Change the number of replicas."""
        self.engine.run("service", "scale", "--detach", f"{NAME}_iris={n_replicas}")

    def replicas(self):
        """Return the images of the replicas that run, or are to."""
        wanted = ["--filter", "desired-state=running", "--format", "{{.Image}}"]
        return self.engine.run("service", "ps", *wanted, f"{NAME}_iris").split()

    def update(self):
        """Return how far the last update is: completed, rollback_completed or something else; nothing before one."""
        state = "{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}"
        return self.engine.run("service", "inspect", "--format", state, f"{NAME}_iris")

    def answering(self):
        """Return the names of the servers that answered the last requests, as HAProxy logged them."""
        done = self.engine.attempt("service", "logs", "--raw", "--tail", "60", f"{NAME}_balancer")
        lines = [line.split() for line in done.stdout.splitlines() if '"POST /predict ' in line]
        return {word for line in lines for word in line if word.startswith("servers/")}

    def status(self, key=None):
        """Return the status of a request with a key, or without; or None if none arrives."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            return self.network.call(lambda: requests.get(f"{self.url}/model", headers=headers, timeout=5).status_code)
        except requests.RequestException:
            return None

    def containers(self, service):
        """Return the identifiers of a service's running containers."""
        name = f"label=com.docker.swarm.service.name={NAME}_{service}"
        return self.engine.run("ps", "--quiet", "--filter", name).split()


@contextlib.contextmanager
def swarm(source, images, haproxy_image, folder):
    """Start a swarm that has images of another engine, and yield its stack, not yet deployed; remove all at the end."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shorten_times(folder / "deploy" / "swarm.yaml")
    programs = source.folder / "root"
    with own_network() as network, private_engine(network.path, programs if programs.exists() else None) as engine:
        for image in (*images, haproxy_image):
            copy_image(source, engine, image)
        engine.run("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377")
        yield Stack(engine, network, folder / "deploy", haproxy_image)


def shorten_times(file):
    """Rewrite the shipped file: updates go on after a second, and a replica that is never ready is found sooner."""
    stack = yaml.safe_load(file.read_text())
    replica = stack["services"]["iris"]
    replica["healthcheck"]["start_period"] = START_PERIOD
    for change in ("update_config", "rollback_config"):
        replica["deploy"][change] |= SHORT_TIMES
    file.write_text(yaml.safe_dump(stack, sort_keys=False))


def copy_image(source, engine, image):
    """Take an image from one engine into another."""
    archive = engine.folder / "image.tar"
    source.run("save", "--output", str(archive), image, timeout_s=120)
    engine.run("load", "--input", str(archive), timeout_s=120)
    archive.unlink()
