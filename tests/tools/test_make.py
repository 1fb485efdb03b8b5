"""make: the commands, their repetition, and their refusals."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.datasets import load_wine

from tests.support.models import save_in
from tests.support.servers import copy_of_store, environment, free_port

ROOT = Path(__file__).parents[2]
VENV = Path(sys.prefix)


def make(*arguments, home, cwd=ROOT, **variables):
    """Run make to its end, with this environment unless another is named; it is never made anew below the tests."""
    command = ["make", f"VENV={VENV}", f"--old-file={VENV}/.complete", *arguments]
    env = environment(home, **variables)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=180)


@pytest.fixture
def empty_clone(tmp_path):
    """Return a folder with what make setup reads, and nothing else."""
    for name in ("Makefile", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    return tmp_path


def test_make_alone_lists_every_command(tmp_path):
    listed = re.findall("^make ([a-z-]+) ", make(home=tmp_path).stdout, re.MULTILINE)
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1)
    assert listed == phony.replace("\\", "").split()


def test_a_complete_environment_is_not_made_again():
    """make --question does nothing, and says with its exit code whether anything would be done."""
    assert subprocess.run(["make", "--question", f"VENV={VENV}", "setup"], cwd=ROOT, timeout=20).returncode == 0


def test_make_train_trains_once(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    assert "was trained from the same data, settings and code" in make("train", home=home).stdout


@pytest.mark.parametrize(
    ("model", "trained", "answer"),
    [([], "saved iris_compiled", '{"predictions":[0]}'), (["MODEL=cellar"], "", '{"predictions":["Barolo"]}')],
    ids=["its own model", "MODEL="],
)
def test_make_serve_serves_and_says_where(tmp_path, model, trained, answer):
    """Its own model it trains if it is not there."""
    if model:
        save_in(tmp_path, "cultivars", "cellar")
    port = free_port()
    command = ["make", f"VENV={VENV}", f"--old-file={VENV}/.complete", "serve", f"PORT={port}", *model]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output = "".join(iter(lambda: read_line(server), "  Ctrl-C stops the server.\n"))
        curl = re.search(r"^  (curl .*)$", output, re.MULTILINE).group(1)
        reply = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=20).stdout
    finally:
        os.killpg(server.pid, signal.SIGINT)  # what Ctrl-C does
    server.communicate(timeout=30)
    assert trained in output
    assert f"docs  http://localhost:{port}/" in output
    assert reply == answer
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def read_line(process):
    """Return the next line of output; fail if there will be none."""
    line = process.stdout.readline()
    assert line, "the command ended before it was ready"
    return line


@pytest.mark.parametrize("target", ["serve", "bento"])
def test_a_model_that_is_not_there_is_one_sentence_with_what_makes_it(tmp_path, target):
    done = make(target, "MODEL=wine", f"PORT={free_port()}", home=tmp_path)
    assert done.returncode != 0
    (sentence,) = sentences(done)
    assert 'No model "wine_compiled" in the BentoML store. Save one with forest_serving.save("wine", ' in sentence


def test_make_train_saves_under_the_name_that_is_given(tmp_path):
    table = tmp_path / "wine.csv"
    load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"}).to_csv(table, index=False)
    done = make("train", "MODEL=wine", f"ARGS=--csv {table} --label cultivar --trees 5 --no-evaluate", home=tmp_path)
    assert "saved wine_compiled:" in done.stdout, done.stderr


def test_a_busy_port_is_one_sentence(bentoml_home, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = make("serve", f"PORT={port}", home=copy_of_store(bentoml_home, tmp_path))
    assert done.returncode != 0
    (sentence,) = sentences(done)
    assert sentence.startswith(
        f"Cannot listen on 127.0.0.1:{port}, because that port is taken by process {os.getpid()} ("
    )
    assert sentence.endswith("or choose another: make serve HOST=127.0.0.1 PORT=3001")


def sentences(done):
    """Return what a failed command said, without make's own last line."""
    return [line for line in done.stderr.splitlines() if not line.startswith("make:")]


@pytest.mark.parametrize("where", ["PORT=0", "PORT=65536", "PORT=http", "HOST=nowhere.invalid", "HOST=192.0.2.1"])
def test_an_impossible_address_is_refused_by_name(bentoml_home, where):
    done = make("serve", where, home=bentoml_home)
    assert done.returncode != 0
    assert where.partition("=")[2] in sentences(done)[-1]


def test_a_missing_or_old_python_is_one_sentence(empty_clone, tmp_path):
    done = make("setup", "VENV=new", "PYTHON=python-of-the-past", home=tmp_path, cwd=empty_clone)
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.11 or newer is needed, and python-of-the-past is not.")


def test_no_network_is_one_sentence(empty_clone, tmp_path):
    nowhere = f"http://127.0.0.1:{free_port()}"
    unreachable = {"PIP_INDEX_URL": nowhere, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    done = make("setup", "VENV=new", f"PYTHON={sys.executable}", home=tmp_path, cwd=empty_clone, **unreachable)
    assert done.returncode != 0
    assert done.stderr.startswith("The packages could not be downloaded; check the network connection or the proxy")
    assert not (empty_clone / "new" / ".complete").exists()


def test_a_package_that_is_not_the_locked_one_is_refused(empty_clone, tmp_path):
    lock = empty_clone / "requirements-dev.txt"
    lock.write_text("six==1.16.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    done = make("setup", "VENV=new", f"PYTHON={sys.executable}", home=tmp_path, cwd=empty_clone)
    assert done.returncode != 0
    assert done.stderr.startswith("A downloaded package is not the one in requirements-dev.txt")
