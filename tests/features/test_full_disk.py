"""A disk that is full, read-only or broken: what is stored stays, is read, and a sentence says what happened."""

import asyncio
import contextlib
import os
import re
import subprocess
import sys

import pytest

from forest_serving.errors import BadSetting, SourceDown
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import ANYTHING, Change
from tests.support.servers import ROOT

RECORD = b"x" * 20_000


def mounted(folder, *options):
    return subprocess.run(["mount", *options, str(folder)], capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """Yield a disk of two megabytes."""
    if os.geteuid() or not mounted(tmp_path, "-t", "tmpfs", "-o", "size=2m", "tmpfs"):
        pytest.skip("only root can mount a small disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture
def other_disk(tmp_path_factory):
    """Return the path of a file that is to be loaded."""
    return tmp_path_factory.mktemp("other") / "rows.csv"


def fill(store):
    """Store records until there is no room; return how many there are, and the refusal."""
    for number in range(1000):
        try:
            asyncio.run(store.change([Change(f"id{number}", RECORD, None)]))
        except SourceDown as error:
            return number, error
    raise AssertionError("the disk was never full")


def load(folder, n_rows, file):
    """Load a file that is written for it; return the command once it has ended."""
    file.write_text("id,x\n" + "".join(f"{number},{number}.5\n" for number in range(n_rows)))
    command = [
        sys.executable,
        "-m",
        "forest_serving",
        "features",
        "load",
        str(file),
        "--id-column",
        "id",
        "--unchecked",
    ]
    return subprocess.run([*command, "--to", str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_full_disk_is_told_and_what_was_there_is_read(small_disk):
    store = LmdbStore(small_disk / "features")
    n_stored, error = fill(store)
    assert (error.status, "the disk is full" in error.message) == (503, True)
    assert store.look_up(["id0", f"id{n_stored - 1}", f"id{n_stored}"]) == [RECORD, RECORD, None]
    store.close()


def test_room_that_was_made_is_used(small_disk):
    store = LmdbStore(small_disk / "features")
    fill(store)
    for number in range(5):
        asyncio.run(store.change([Change(f"id{number}", None, ANYTHING)]))
    assert asyncio.run(store.change([Change("new", RECORD, None)])) == ["new"]
    store.close()


def test_a_disk_that_is_full_already_ends_the_start_with_a_sentence(small_disk):
    """Not by a signal, as writing to a map without room behind it would."""
    with contextlib.suppress(OSError), (small_disk / "other").open("wb", buffering=0) as other:
        while other.write(bytes(4096)):
            pass
    with pytest.raises(BadSetting, match="No space left on device"):
        LmdbStore(small_disk / "features")


def test_a_load_that_does_not_fit_gives_its_room_back(small_disk, other_disk):
    assert load(small_disk / "features", 100, other_disk).returncode == 0
    size = (small_disk / "features" / "data.mdb").stat().st_size
    done = load(small_disk / "features", 50_000, other_disk)
    assert done.returncode == 2
    assert "were not changed: the disk is full" in done.stderr.splitlines()[-1]
    assert (small_disk / "features" / "data.mdb").stat().st_size == size


def test_a_store_on_a_read_only_disk_is_read(small_disk, other_disk):
    folder = small_disk / "features"
    load(folder, 100, other_disk)
    assert mounted(small_disk, "-o", "remount,ro")
    store = LmdbStore(folder)
    assert store.look_up(["7"])[0].startswith(b'{"x":7.5,')
    with pytest.raises(SourceDown, match="read-only disk"):
        asyncio.run(store.change([Change("a", RECORD, None)]))
    store.close()
    assert "are on a read-only disk, and nothing was changed" in load(folder, 1, other_disk).stderr


FAULTY = """
import asyncio, sys
from pathlib import Path
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import Change
store = LmdbStore(Path(sys.argv[1]))
asyncio.run(store.change([Change("first", b"1", None)]))
print("ready", flush=True)
for line in sys.stdin:
    try:
        print(asyncio.run(store.change([Change(line.strip(), b"1", None)])), flush=True)
    except Exception as error:
        print(error, store.look_up(["first"]), flush=True)
"""


@pytest.mark.once
@pytest.mark.parametrize("call", ["pwrite64", "pwritev", "fdatasync"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_disk_that_fails_once_fails_one_change(tmp_path, call, number):
    """Also where LMDB wants the store to be opened anew, as after a failure to write its first pages."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    strace += ["-e", f"inject={call}:error=EIO:when={number + 2}"]
    command = [*strace, sys.executable, "-c", FAULTY, str(tmp_path / "features")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate("".join(f"id{n}\n" for n in range(6)), timeout=100)
    lines = said.splitlines()[1:]
    failed = [line for line in lines if not re.fullmatch(r"\['id\d'\]", line)]
    assert len(lines) == 6, said
    assert len(failed) <= 1
    assert all(line.endswith("nothing was changed. [b'1']") for line in failed)
