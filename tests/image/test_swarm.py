"""deploy/swarm.yaml with a real swarm: scaled, updated, and an update that fails, under a steady load all the while."""

import json
import subprocess
import sys
import time
from typing import NamedTuple

import pytest

from tests.support.image.clients import N_CLIENTS, Clients
from tests.support.image.containers import wait_until
from tests.support.image.swarm import swarm
from tests.support.servers import ROOT, environment

KEY = "a-key"
PAUSE_S = 0.02
CHANGE_S = 90
NEW, NEVER_READY = "localhost/iris-test/swarm:new", "localhost/iris-test/swarm:never-ready"
NEW_MODEL = """
FROM {image}
COPY {version} /home/bentoml/bento/models/iris_compiled/{version}
ENV FOREST_MODEL=iris_compiled:{version}
"""
NOT_READY = """
FROM {image}
STOPSIGNAL SIGINT
ENTRYPOINT ["python", "-m", "http.server", "3000"]
"""


class Story(NamedTuple):
    """What happened, in its order.

    Args:
        clients: who asked all the while.
        updated: the versions of the model that answered after the update.
        without_key: the status of a request without a key after the update, which brought keys, too.
        rolled_back: the versions that answered while an update failed and was taken back, and after it.
        replicas: the images of the replicas at the end.
    """

    clients: Clients
    updated: set[str]
    without_key: int
    rolled_back: set[str]
    replicas: list[str]


@pytest.fixture(scope="module")
def new_version(tmp_path_factory):
    """Return the folder of another model, trained by the real command."""
    home = tmp_path_factory.mktemp("new")
    command = [sys.executable, "train_and_save.py", "--trees", "10", "--max-depth", "3"]
    done = subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    models = home / "models" / "iris_compiled"
    return models / (models / "latest").read_text()


@pytest.fixture(scope="module")
def stack(engine, image, haproxy_image, new_version, tmp_path_factory):
    """Return a stack of which one replica answers."""
    with swarm(engine, [image], haproxy_image, tmp_path_factory.mktemp("swarm")) as stack:
        build(stack.engine, NEW, new_version.parent, NEW_MODEL.format(image=image, version=new_version.name))
        build(stack.engine, NEVER_READY, new_version.parent, NOT_READY.format(image=image))
        stack.engine.run("secret", "create", "iris_api_keys", "-", input=KEY)
        stack.deploy(image, 1)
        wait_until(lambda: stack.status() == 200, CHANGE_S)
        yield stack


def build(engine, tag, folder, dockerfile):
    """Build an image on top of another."""
    engine.run("build", "--network", "none", "--file", "-", "--tag", tag, str(folder), input=dockerfile)


@pytest.fixture(scope="module")
def story(stack):
    """Tell it; each chapter begins when the one before is over, or fails after CHANGE_S."""
    with Clients(stack.url, PAUSE_S, KEY, stack.network.enter) as clients:
        for n_replicas in (3, 2):
            scale(stack, n_replicas)
        update(stack, NEW, "completed")
        updated, without_key = versions_from_now(clients), stack.status()
        n_answered = clients.answered
        update(stack, NEVER_READY, "rollback_completed")
        versions_from_now(clients)
        rolled_back = set(clients.versions[n_answered:])
    return Story(clients, updated, without_key, rolled_back, stack.replicas())


def scale(stack, n_replicas):
    """Change the number of replicas, and return once as many of them answer."""
    begun = time.monotonic()
    stack.scale(n_replicas)
    wait_until(lambda: len(stack.answering()) == n_replicas, CHANGE_S)
    print(f"{n_replicas} replicas answer after {time.monotonic() - begun:.1f} s")


def update(stack, image, state):
    """Update two replicas, and return once the swarm says that it is done, or taken back."""
    begun = time.monotonic()
    stack.deploy(image, 2, "swarm-keys.yaml")
    wait_until(lambda: stack.update() == state, CHANGE_S)
    print(f"{state} after {time.monotonic() - begun:.1f} s")


def versions_from_now(clients):
    """Return the versions that answer the next requests."""
    n_answered = clients.answered
    wait_until(lambda: clients.answered > n_answered + 200, 20)
    return set(clients.versions[n_answered + N_CLIENTS :])  # without those that were on their way


def test_no_request_fails_while_one_replica_becomes_three_then_two_and_is_updated_and_rolled_back(story):
    print(f"{story.clients.answered} requests")
    assert story.clients.failures == []
    assert story.clients.answered > 2_000


def test_an_update_reaches_every_replica(story, new_version):
    assert story.clients.versions[0] != new_version.name
    assert story.updated == {new_version.name}


def test_an_update_may_bring_keys(story):
    """While it went on, clients with a key were served by replicas with keys and without."""
    assert story.without_key == 401


def test_an_update_that_never_gets_ready_is_taken_back_and_the_replicas_before_it_answer(story, new_version):
    assert story.rolled_back == {new_version.name}
    assert story.replicas == [NEW, NEW]


@pytest.mark.parametrize(("service", "user"), [("iris", "1034:0"), ("balancer", "99")])
def test_no_service_has_privileges_or_a_writable_root(story, stack, service, user):
    (facts, *_) = (json.loads(stack.engine.run("inspect", name))[0] for name in stack.containers(service))
    host, config = facts["HostConfig"], facts["Config"]
    assert (config["User"], host["CapDrop"], host["ReadonlyRootfs"]) == (user, ["ALL"], True)


def test_no_replica_can_gain_privileges_or_reach_another_network(story, stack):
    """The first by the engine's own option, as a stack file has none; the second because there is no default route."""
    for container in stack.containers("iris"):
        assert "NoNewPrivs:\t1\n" in stack.engine.run("exec", container, "cat", "/proc/1/status")
        routes = stack.engine.run("exec", container, "cat", "/proc/net/route").splitlines()[1:]
        assert routes
        assert "00000000" not in {route.split()[1] for route in routes}
