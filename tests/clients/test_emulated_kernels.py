"""The kernels for other machines, run in an emulated processor: they find and explain what NumPy does, too."""

import json
import subprocess
import sys

import pytest

from forest_serving.kernel.library import FOLDER
from tests.support.clients import python_of
from tests.support.kernels import LIBRARIES
from tests.support.servers import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="the emulator reads in /proc where this process's memory is")
@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_it_finds_what_numpy_finds_whatever_machine_it_is_for(name):
    command = [python_of("emulator"), "-m", "tests.clients.emulated_kernel", FOLDER / name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert min(json.loads(done.stdout)) > 5  # forests, tables, lists, and what is explained
