"""deploy/compose.microservices.yaml with a real engine: each part scaled, killed, paused, cut off, slowed down by
itself, while clients ask by row and by id. By row nothing ever fails; by id nothing while one of each part lives.
"""

import contextlib
import time
from statistics import median

import pytest

from tests.image.conftest import image_beside, make_image
from tests.support.image.containers import ROWS, wait_until
from tests.support.image.debian_images import debian_name, make_debian_image
from tests.support.image.microservices import BY_ID, ID, microservices

CHANGE_S = 90
RECORD = '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}'
QUICK_S = 5.0  # a reply to rows while something else is wrong, on a busy machine; none waits for a store's deadline


@pytest.fixture(scope="module")
def features_image(engine, made):
    made = make_image(engine, made.folder, made.home, target="image-features")
    yield made.image
    engine.attempt("rmi", "--force", made.image)


@pytest.fixture(scope="module")
def redis_image(engine):
    """Return Debian's Redis, with a folder for its data, where the engine has Debian's images, or the shipped one."""
    if engine.attempt("image", "inspect", debian_name("haproxy")).returncode:
        return image_beside(engine, "redis")
    make_debian_image(engine, "redis-server", "COPY --chown=999:999 empty /data\n")
    return debian_name("redis-server")


@pytest.fixture(scope="module")
def project(engine, image, features_image, redis_image, haproxy_image, prometheus_image, tmp_path_factory):  # noqa: PLR0913, PLR0917 - five images
    images = {"IMAGE": image, "FEATURES_IMAGE": features_image, "REDIS_IMAGE": redis_image}
    images |= {"HAPROXY_IMAGE": haproxy_image, "PROMETHEUS_IMAGE": prometheus_image}
    with microservices(engine, images, tmp_path_factory.mktemp("microservices")) as project:
        wait_until(lambda: project.status(ROWS) == 200, CHANGE_S)
        wait_until(lambda: project.status({"ids": ["nobody"]}) == 404, CHANGE_S)
        assert project.redis("set", f"features:{ID}", RECORD) == "OK"
        wait_until(lambda: project.status(BY_ID) == 200, 10)
        yield project


@pytest.fixture(autouse=True)
def whole(project):
    """Begin each test when every part is there."""
    wait_until(lambda: project.measured("sum(up)") == 4, CHANGE_S)
    wait_until(lambda: project.status(BY_ID) == 200, CHANGE_S)


@contextlib.contextmanager
def asked(project):
    """Yield clients that ask by row, and others by id, once they have got going; ask on for a while after the block."""
    with project.clients(ROWS) as by_row, project.clients(BY_ID) as by_id:
        both = (by_row, by_id)
        wait_until(lambda: all(clients.answered > 100 for clients in both), 30)
        yield both
        answered = [clients.answered for clients in both]
        wait_until(lambda: all(c.answered > n + 200 for c, n in zip(both, answered, strict=True)), CHANGE_S)
    for clients, how in ((by_row, "by row"), (by_id, "by id")):
        n_failed, times_s = len(clients.failures), clients.durations_s
        middle_ms, slowest_s = 1000 * median(times_s), max(times_s)
        print(f"{how}: {clients.answered} right, {n_failed} not, {middle_ms:.1f} ms, at most {slowest_s:.2f} s")


def wait_until_asked(clients, n_requests=200):
    """Return once clients have got so many more replies, good or bad."""
    asked = len(clients.durations_s)
    wait_until(lambda: len(clients.durations_s) > asked + n_requests, CHANGE_S)


@pytest.mark.parametrize("part", ["features", "classifier"])
def test_a_part_is_scaled_alone_and_no_request_fails(project, part):
    other = {"features": "classifier", "classifier": "features"}[part]
    before = project.containers(other)
    with asked(project) as (by_row, by_id):
        for n_replicas in (3, 2):
            begun = time.monotonic()
            project.scale(**{part: n_replicas})
            wait_until(lambda n=n_replicas: project.measured(f'sum(up{{job="{part}"}})') == n, CHANGE_S)
            print(f"{n_replicas} of {part} after {time.monotonic() - begun:.1f} s")
            wait_until_asked(by_id)
    assert (by_row.failures, by_id.failures) == ([], [])
    assert project.containers(other) == before


@pytest.mark.parametrize("part", ["features", "classifier"])
def test_a_replica_is_killed_and_comes_back_and_no_request_fails(project, part, image):
    container = project.containers(part)[0]
    with asked(project) as (by_row, by_id):
        kill_until_back(project, [container], image)
    assert (by_row.failures, by_id.failures) == ([], [])


def kill_until_back(project, containers, image):
    """Kill the containers' first processes; return once others run in their place, healthy where that is looked at."""
    restarts = {container: int(state(project, container)[0]) for container in containers}
    for container in containers:
        project.kill_process_of(container, image)
    for container, n_restarts in restarts.items():
        wait_until(lambda: is_back(*state(project, container), n_restarts), CHANGE_S)  # noqa: B023 - called at once


def state(project, container):
    """Return how often a container was restarted, and "running", and "healthy" if that is so or nobody looks."""
    form = "{{.RestartCount}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}"
    return project.engine.run("inspect", "--format", form, container).split()


def is_back(n_restarts, status, health, n_restarts_before):
    """Return whether a container runs again after a restart."""
    return int(n_restarts) > n_restarts_before and (status, health) == ("running", "healthy")


@pytest.mark.parametrize("part", ["features", "classifier"])
def test_a_replica_hangs_and_no_request_fails(project, part):
    container = project.containers(part)[0]
    with asked(project) as (by_row, by_id):
        with paused(project, container):
            wait_until_asked(by_id)
            time.sleep(3)  # balancers have given it up by then
        wait_until_asked(by_id)
    assert (by_row.failures, by_id.failures) == ([], [])


@contextlib.contextmanager
def paused(project, *containers):
    """Let all processes of containers stand still."""
    project.engine.run("pause", *containers)
    try:
        yield
    finally:
        project.engine.run("unpause", *containers)


def test_all_features_services_are_killed_and_only_requests_by_id_fail_until_they_are_back(project, image):
    with asked(project) as (by_row, by_id):
        kill_until_back(project, project.containers("features"), image)
    assert by_row.failures == []
    assert statuses(by_id) <= {503, 504}
    assert max(by_row.durations_s) < QUICK_S


def statuses(clients):
    """Return the statuses of the replies that were failures."""
    return {int(failure.split()[0]) if failure[:3].isdigit() else failure for failure in clients.failures}


def test_redis_is_killed_and_comes_back_with_what_was_stored_and_only_requests_by_id_fail_meanwhile(project, image):
    """Where it is back before a request has waited long enough, none fails."""
    with asked(project) as (by_row, by_id):
        kill_until_back(project, project.containers("redis"), image)
    assert by_row.failures == []
    assert statuses(by_id) <= {503, 504}


def test_redis_hangs_and_only_requests_by_id_fail_quickly(project):
    with asked(project) as (by_row, by_id), paused(project, *project.containers("redis")):
        wait_until(lambda: len(by_id.failures) > 50, 60)
        assert project.status(ROWS) == 200
    assert by_row.failures == []
    assert statuses(by_id) <= {503, 504}
    assert max(by_row.durations_s) < QUICK_S


def test_redis_is_cut_off_and_only_requests_by_id_fail(project):
    (redis,) = project.containers("redis")
    (network,) = project.facts("redis")[0]["NetworkSettings"]["Networks"]
    with asked(project) as (by_row, by_id):
        project.engine.run("network", "disconnect", network, redis)
        wait_until(lambda: len(by_id.failures) > 20, 60)
        project.engine.run("network", "connect", "--alias", "redis", network, redis)
    assert by_row.failures == []
    assert statuses(by_id) <= {503, 504}


def test_redis_is_slow_and_no_request_fails(project):
    """It stands still for 50 ms again and again, within what a request may wait."""
    with asked(project) as (by_row, by_id):
        for _ in range(12):
            project.redis("client", "pause", "50", "all")
        wait_until_asked(by_id)
    assert (by_row.failures, by_id.failures) == ([], [])


def test_a_classifier_cannot_reach_redis_and_features_can(project):
    connect = "import socket; socket.create_connection(('redis', 6379), 2); print('reached')"
    run = lambda part: project.engine.attempt("exec", project.containers(part)[0], "python", "-c", connect)  # noqa: E731
    assert run("features").stdout == "reached\n"
    assert run("classifier").returncode == 1


@pytest.mark.parametrize("service", ["classifier", "balancer", "features", "features-balancer", "redis", "prometheus"])
def test_no_service_has_privileges_or_a_writable_root_that_it_does_not_need(project, service):
    for facts in project.facts(service):
        host = facts["HostConfig"]
        assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges:true"])
        assert host["ReadonlyRootfs"] == (service != "prometheus")
        assert host["Memory"] > 0


def test_the_image_of_features_has_no_model_no_engine_and_no_training(project):
    script = "import pathlib; print(*pathlib.Path('/home/bentoml/bento').rglob('*'), sep='\\n')"
    found = project.engine.run("exec", project.containers("features")[0], "python", "-c", script)
    files = [line.partition("/home/bentoml/bento/")[2] for line in found.splitlines()]
    assert not any(name.startswith("models/") for name in files)
    assert not any(name.startswith("src/forest_serving/training") or name.endswith(".so") for name in files)
    assert {name for name in files if name.startswith("src/forest_serving/engines/")} == {
        "src/forest_serving/engines/__init__.py",
        "src/forest_serving/engines/__pycache__",
        "src/forest_serving/engines/__pycache__/__init__.cpython-311.pyc",
    }
    sizes = project.engine.run("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}")
    print(sizes, project.engine.run("images", "--format", "{{.Repository}} {{.Size}}"), sep="\n")
