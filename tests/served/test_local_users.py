"""What another user of the machine sees of a running server: never a key, a model or a row."""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.support.servers import copy_of_store, serving

KEY = "only-for-clients"


@pytest.fixture(scope="module")
def home(bentoml_home, tmp_path_factory):
    return copy_of_store(bentoml_home, tmp_path_factory.mktemp("local-users"))


@pytest.fixture(scope="module")
def processes(home):
    """Return all processes of a server with a key."""
    with serving(home=home, FOREST_API_KEYS=KEY) as url:
        port = str(urlsplit(url).port)
        there = [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"]]  # some are ending
        (supervisor,) = (process for process in there if {"serve", port} <= {*process.info["cmdline"]})
        yield [supervisor, *supervisor.children(recursive=True)]


def test_no_command_line_holds_a_key(processes):
    """Command lines are everybody's to read; environments are the user's own."""
    assert len(processes) > 1
    assert [process.cmdline() for process in processes if KEY in " ".join(process.cmdline())] == []


def test_nobody_else_may_enter_the_folder_of_a_model(home):
    for model in (home / "models").glob("*/*/"):
        assert stat.S_IMODE(model.stat().st_mode) & 0o077 == 0


def test_what_others_may_read_of_a_running_servers_store_names_models_and_holds_no_key(processes, home):
    """Files below folders that others may not enter are closed to them, whatever their own modes are."""
    readable = list(readable_by_others(home))
    assert {path.name for path in readable} <= {"latest", "client_id", "server.log"}
    assert not [path for path in readable if KEY in path.read_text()]


def readable_by_others(folder):
    """Yield the files below a folder that another user may read."""
    for entry in os.scandir(folder):
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode) and mode & 0o001:
            yield from readable_by_others(entry.path)
        elif stat.S_ISREG(mode) and mode & 0o004:
            yield Path(entry.path)
