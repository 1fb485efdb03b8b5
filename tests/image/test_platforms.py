"""The image where a platform dictates the port, the user or the command."""

import pytest
import requests

from tests.support.image.containers import HARDENED, ROWS, serving, started, wait_until
from tests.support.servers import free_port


@pytest.mark.parametrize(
    ("variable", "command"), [("PORT", ()), ("PORT", ("serve", "--backlog", "100"))], ids=["Cloud Run", "options"]
)
def test_it_serves_on_the_port_that_the_platform_names(engine, image, variable, command):
    port = free_port()
    with serving(engine, image, *HARDENED, port=port, command=command, **{variable: str(port)}) as container:
        assert container.predict().json() == {"predictions": [0]}


def test_vertex_ai_names_the_port_and_the_paths(engine, image):
    port = free_port()
    paths = {"AIP_HEALTH_ROUTE": "/well", "AIP_PREDICT_ROUTE": "/classify"}
    variables = {"AIP_HTTP_PORT": str(port), "PORT": "9", **paths}
    with serving(engine, image, *HARDENED, port=port, **variables) as container:
        assert requests.get(f"{container.url}/well", timeout=5).status_code == 200
        assert requests.post(f"{container.url}/classify", json=ROWS, timeout=5).json()["predictions"] == [0]


def test_sagemaker_starts_it_with_an_argument_and_asks_its_two_paths(engine, image):
    port, csv = free_port(), {"Content-Type": "text/csv", "Accept": "text/csv"}
    variables = {"SAGEMAKER_BIND_TO_PORT": str(port)}
    with serving(engine, image, *HARDENED, port=port, command=["serve"], **variables) as container:
        assert requests.get(f"{container.url}/ping", timeout=5).status_code == 200
        reply = requests.post(f"{container.url}/invocations", data="5.1,3.5,1.4,0.2", headers=csv, timeout=5)
        assert reply.text == "0\n"


@pytest.mark.parametrize(
    ("variables", "port"), [({"SAGEMAKER_REGION": "x"}, 8080), ({}, 3000)], ids=["SageMaker", "BentoML"]
)
def test_serve_means_sagemakers_port_only_on_sagemaker(engine, image, variables, port):
    """In a network of its own, as these ports cannot be chosen."""
    options = {"network": "none", "port": port, "command": ["serve"], **variables}
    ask = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/readyz', timeout=5).status)"
    with started(engine, image, **options) as container:
        wait_until(lambda: engine.attempt("exec", container.name, "python", "-c", ask).stdout == "200\n", 60)


def test_it_runs_as_any_user_with_group_0(engine, image):
    """OpenShift gives each namespace a range of user ids of its own."""
    with serving(engine, image, *HARDENED, "--user", "1000680000:0") as container:
        assert container.predict().json() == {"predictions": [0]}
        assert container.exec("id", "-u") == "1000680000"


def test_it_runs_without_a_read_only_file_system_too(engine, image):
    with serving(engine, image, "--user", "12345:0") as container:
        assert container.predict().ok


def test_a_port_that_is_none_is_one_sentence(engine, image):
    done = engine.attempt("run", "--rm", "--network", "none", "--env", "PORT=http", image)
    assert done.returncode == 1
    assert done.stderr == "PORT must be a port, a whole number from 1 to 65535; it is 'http'.\n"


def test_an_address_among_the_options_is_one_sentence(engine, image):
    done = engine.attempt("run", "--rm", "--network", "none", image, "serve", "--port", "8080")
    assert done.returncode == 1
    assert done.stderr == "In the container, name the address with the variable PORT, not with --port.\n"


def test_a_setting_that_cannot_be_used_is_one_sentence(engine, image):
    done = engine.attempt("run", "--rm", "--network", "none", "--env", "FOREST_DRAIN_S=soon", image)
    assert done.returncode == 1
    assert done.stderr == "FOREST_DRAIN_S must be a number from 0 to 25; it is 'soon'.\n"


def test_another_command_runs_in_place_of_the_server(engine, image):
    assert engine.run("run", "--rm", "--network", "none", image, "python", "-c", "print(6 * 7)") == "42"
    done = engine.attempt("run", "--rm", "--network", "none", image, "train")
    assert (done.returncode, done.stderr) == (1, "Cannot run 'train' in this image: No such file or directory.\n")
