"""A disk that is full, or fails, costs a save and nothing else; whoever saves is told in one sentence."""

import subprocess
import sys

import pytest

from tests.support.faults import harm
from tests.support.servers import ROOT, environment

pytestmark = pytest.mark.once
SAVE = """
import resource, sys
from forest_serving.errors import OperatorError
from forest_serving.models import store
from tests.support.faults import MODEL, Saver

saver = Saver()
old = saver.save()
for size in map(int, sys.argv[1:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        saver.save()
    except OperatorError as error:
        print(error)
    assert store.load(MODEL).tag == old
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert saver.save() == store.load(MODEL).tag != old
"""


@pytest.mark.parametrize(
    ("fault", "calls", "options"),
    [
        ("error=ENOSPC", ".*", []),
        ("error=EIO", "fsync|close|rename|flock", []),
        ("error=EDQUOT", "rename|mkdir|fsync", ["--first"]),
    ],
)
def test_a_call_that_fails_leaves_the_old_model_and_a_sentence(fault, calls, options, tmp_path):
    """Both models or neither; a call without which the save is whole may fail unheard."""
    harmed, number = harm(tmp_path, fault, calls, *options)
    assert harmed == []
    assert number > 15


def test_a_file_that_can_be_written_in_part_only_is_never_served(tmp_path):
    """As on a disk that fills up: a write writes less than it was given, and the next one fails."""
    sizes = [str(size) for size in (0, 1, 15, 100, 400, 1000, 2000)]
    done = subprocess.run(
        [sys.executable, "-c", SAVE, *sizes], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(sizes)
