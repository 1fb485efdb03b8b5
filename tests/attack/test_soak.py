"""make soak, for a few seconds only: whether it measures and judges, not whether a short run grows."""

import subprocess
import sys

import pytest

from benchmarks.soak import Sample, fault_in
from benchmarks.soak_traffic import Traffic
from tests.support.servers import ROOT, copy_of_store, environment


def test_a_soak_counts_requests_memory_and_files_and_ends_well(bentoml_home, tmp_path):
    """A young process still grows, so more is allowed than the 2 MB of a real soak."""
    command = [sys.executable, "-m", "benchmarks.soak", "--seconds", "1", "--growth-mb", "50"]
    env = environment(copy_of_store(bentoml_home, tmp_path))
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    assert " MB  " in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[-1] == "Nothing grew."


@pytest.mark.parametrize(
    ("last", "wrong", "sentence"),
    [
        (Sample(101.9, 14), {}, ""),
        (Sample(102.0, 14), {}, "The worker's memory grew by 2.00 MB, where less than 2 are allowed."),
        (Sample(90.0, 15), {}, "The worker has more open files than after the warm-up: 15 instead of 14."),
        (Sample(100.0, 14), {"500 to GET /": 3}, "3 answers were wrong, most often 500 to GET /."),
    ],
    ids=["nothing", "memory", "files", "answers"],
)
def test_a_soak_names_what_grew_or_went_wrong(last, wrong, sentence):
    traffic = Traffic("http://127.0.0.1:1")
    traffic.wrong.update(wrong)
    assert fault_in(traffic, Sample(100.0, 14), last, growth_mb=2) == sentence
