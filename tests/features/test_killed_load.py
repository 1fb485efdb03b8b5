"""A load that is killed at any moment leaves what was there before, or all of the new, and no broken lock."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import ANYTHING, Change
from tests.support.servers import ROOT

N_ROWS = 60_000
N_KILLS = 12


def command(folder, file, *options):
    load = ["-m", "forest_serving", "features", "load", str(file), "--id-column", "id", "--unchecked"]
    return [sys.executable, *load, "--to", str(folder), *options]


def written(file, value):
    file.write_text("id,x\n" + "".join(f"{number},{value}\n" for number in range(N_ROWS)))
    return file


def values(store):
    """Return which values are stored under how many ids."""
    records = store.look_up([str(number) for number in range(N_ROWS)])
    found = [record.partition(b",")[0] for record in records if record]
    return {value: found.count(value) for value in set(found)}


@pytest.mark.parametrize("options", [[], ["--replace"]], ids=["load", "replace"])
def test_all_or_nothing_is_there_after_a_kill(tmp_path, options):
    folder = tmp_path / "features"
    old, new = written(tmp_path / "old.csv", 1), written(tmp_path / "new.csv", 2)
    subprocess.run(command(folder, old), cwd=ROOT, check=True, timeout=100)
    began = time.monotonic()
    subprocess.run(command(folder, new, *options), cwd=ROOT, check=True, timeout=100)
    duration_s, latest = time.monotonic() - began, b'{"x":2'
    store = LmdbStore(folder)  # which a server has open meanwhile
    for number in range(N_KILLS):
        file, coming = (old, b'{"x":1') if number % 2 == 0 else (new, b'{"x":2')
        with subprocess.Popen(command(folder, file, *options), cwd=ROOT, stderr=subprocess.DEVNULL) as load:
            time.sleep((0.3 + 0.75 * number / N_KILLS) * duration_s)
            os.kill(load.pid, signal.SIGKILL)
        found = values(store)
        assert found in ({latest: N_ROWS}, {coming: N_ROWS})
        (latest,) = found
        assert asyncio.run(store.change([Change("0", latest + b",}", ANYTHING)])) == []  # the lock is free
    store.close()
