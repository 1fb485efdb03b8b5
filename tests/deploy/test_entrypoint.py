"""deploy/image/entrypoint.py: the container's command line, port and health check. tests/image runs it in the image."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import free_port

SCRIPT = Path(__file__).parents[2] / "deploy" / "image" / "entrypoint.py"
ECHO = '#!/bin/sh\necho "$BENTOML_PORT" "$@"\n'


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the script where "bentoml" prints its port and arguments."""
    (tmp_path / "bentoml").write_text(ECHO)
    (tmp_path / "bentoml").chmod(0o755)

    def entrypoint(*arguments, **variables):
        command, path = [sys.executable, "-IS", SCRIPT, *arguments], f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"
        return subprocess.run(command, env={"PATH": path, **variables}, capture_output=True, text=True, timeout=20)

    return entrypoint


@pytest.mark.parametrize(
    ("variables", "port"),
    [
        ({}, "3000"),
        ({"BENTOML_PORT": "1"}, "1"),
        ({"PORT": "2", "BENTOML_PORT": "1"}, "2"),
        ({"AIP_HTTP_PORT": "3", "PORT": "2"}, "3"),
        ({"SAGEMAKER_BIND_TO_PORT": "4", "PORT": "2"}, "4"),
        ({"SAGEMAKER_REGION": "x"}, "8080"),
        ({"SAGEMAKER_REGION": "x", "PORT": "2"}, "2"),
        ({"PORT": ""}, "3000"),
        ({"PORT": "65535"}, "65535"),
    ],
)
@pytest.mark.parametrize("arguments", [(), ("serve",)])
def test_the_platforms_variable_names_the_port(run, arguments, variables, port):
    assert run(*arguments, **variables).stdout == f"{port} serve /home/bentoml/bento\n"


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8 0", "٣", "080800", "1.5"])
@pytest.mark.parametrize("variable", ["PORT", "AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT", "BENTOML_PORT"])
def test_what_is_no_port_is_one_sentence(run, variable, text):
    done = run(**{variable: text, "PYTHONUTF8": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{variable} must be a port, a whole number from 1 to 65535; it is '")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("--backlog", "9"), ("serve", "--backlog", "9")])
def test_options_are_passed_on(run, arguments):
    assert run(*arguments).stdout == "3000 serve --backlog 9 /home/bentoml/bento\n"


@pytest.mark.parametrize("option", ["--port=1", "-p", "--host"])
def test_an_option_that_names_the_address_is_one_sentence(run, option):
    done = run(option, "1")
    assert done.returncode == 1
    assert done.stderr.startswith("In the container, name the address with the variable ")


def test_another_command_takes_the_servers_place(run):
    assert run("sh", "-c", "echo $PORT", PORT="not looked at").stdout == "not looked at\n"


def test_a_command_that_is_not_there_is_one_sentence(run):
    done = run("train")
    assert (done.returncode, done.stderr) == (1, "Cannot run 'train' in this image: No such file or directory.\n")


def test_the_health_check_passes_while_the_server_is_ready(run, served_url):
    assert run("healthcheck", PORT=served_url.rpartition(":")[2]).returncode == 0


@pytest.mark.parametrize("variables", [{}, {"BENTOML_HOST": "nowhere.invalid"}, {"BENTOML_HOST": "::1"}])
def test_the_health_check_fails_without_a_word_where_nothing_answers(run, variables):
    done = run("healthcheck", PORT=str(free_port()), **variables)
    assert (done.returncode, done.stdout + done.stderr) == (1, "")
