"""Files of lines: whole, rotated, private, and never more than they may be together."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from forest_serving.prediction_log import files as files_module
from forest_serving.prediction_log.files import Files
from forest_serving.prediction_log.records import Record
from tests.prediction_log.logs import lines_in, records_in
from tests.support.servers import ROOT, environment

MOST = 10_000_000
KILLED = """
import os, sys, threading
from pathlib import Path
from forest_serving.prediction_log.files import Files
from tests.prediction_log.test_files import some, write
files = Files(Path(sys.argv[1]), "iris", 10_000_000)
threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), 9)).start()
for number in range(10**6):
    write(files, some(500, number))
"""


def some(n_rows, number=0):
    """Return records, of about 200 bytes each."""
    moment, features = datetime.fromtimestamp(number, UTC), {"width": 1.25, "length": 70.5}
    return [
        Record(moment, f"id-{number}", row, "iris", "v1", "/predict", 0.001, features, 0, [0.25, 0.75])
        for row in range(n_rows)
    ]


def write(files, records):
    """Write records as the log does."""
    files.write([files.prepare(records)])


def size_of(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


def test_folder_and_files_are_this_user_s_alone(folder):
    old = os.umask(0)
    try:
        write(Files(folder, "iris", MOST), some(1))
    finally:
        os.umask(old)
    modes = [oct(path.stat().st_mode & 0o777) for path in (folder, *folder.iterdir())]
    assert modes == ["0o700", "0o600"]


def test_a_full_file_is_followed_by_another_and_no_line_is_torn(folder):
    files = Files(folder, "iris", MOST)
    for number in range(100):
        write(files, some(100, number))
    names = [path.name for path in sorted(folder.iterdir())]
    assert len(names) > 2
    assert all(f"-{os.getpid()}-" in name and name.startswith("iris-") for name in names)
    assert [(each["request_id"], each["row"]) for each in records_in(folder)] == [
        (f"id-{number}", row) for number in range(100) for row in range(100)
    ]


def test_an_old_file_is_ended_also_if_nothing_comes(folder, monkeypatch):
    monkeypatch.setattr(files_module, "MOST_FILE_S", 0.0)
    files = Files(folder, "iris", MOST)
    write(files, some(1))
    files.rest()
    write(files, some(1))
    assert len(list(folder.iterdir())) == 2


def test_the_oldest_files_go_and_all_together_stay_within_bounds(folder):
    """Also where several workers write at once, and whatever else is in the folder."""
    folder.mkdir()
    (folder / "notes.txt").write_text("keep me")
    workers = [Files(folder, name, MOST) for name in ("iris", "iris", "churn")]
    for number in range(150):
        for each in workers:
            write(each, some(300, number))
        assert size_of(folder) <= MOST
    found = records_in(folder)
    assert (folder / "notes.txt").exists()
    assert {each["request_id"] for each in found} > {f"id-{number}" for number in range(140, 150)}
    assert "id-0" not in {each["request_id"] for each in found}


def test_a_folder_that_is_tidied_up_is_made_anew(folder):
    files = Files(folder, "iris", MOST)
    write(files, some(1, 1))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    write(files, some(1, 2))
    assert [each["request_id"] for each in records_in(folder)] == ["id-2"]


def test_no_link_is_followed(folder, tmp_path):
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"):
        write(Files(folder, "iris", MOST), some(1))


def test_what_a_full_disk_took_in_part_is_taken_away_again(folder):
    """A file may grow to so many bytes here: a write writes less than it was given, and the next one fails."""
    check = """
import resource, signal, sys
from pathlib import Path
from forest_serving.prediction_log.files import Files
from tests.prediction_log.logs import records_in
from tests.prediction_log.test_files import some, write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
files = Files(folder, "iris", 10_000_000)
write(files, some(10, 1))
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, resource.RLIM_INFINITY))
try:
    write(files, some(10, 2))
    raise SystemExit("it was not full")
except OSError:
    assert len(records_in(folder)) == 10
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
write(files, some(10, 3))
assert {each["request_id"] for each in records_in(folder)} == {"id-1", "id-3"}
assert len(list(folder.iterdir())) == 1
"""
    command = [sys.executable, "-c", check, str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder.parent), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_disk_that_is_full_costs_rows_and_nothing_else(folder):
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder], capture_output=True)
    if mount.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        files = Files(folder, "iris", MOST)
        lost = [number for number in range(30) if not is_written(files, number)]
        assert 0 < len(lost) < 30
        kept = {f"id-{number}" for number in range(30)} - {f"id-{number}" for number in lost}
        assert {each["request_id"] for each in records_in(folder)} == kept
        min(folder.glob("*.jsonl")).unlink()
        assert is_written(files, 99)
        assert records_in(folder)[-1]["request_id"] == "id-99"
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def is_written(files, number):
    try:
        write(files, some(500, number))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("seconds", [0.05, 0.11, 0.17])
def test_a_process_that_is_killed_leaves_one_torn_line_at_most(folder, seconds):
    command = [sys.executable, "-c", KILLED, str(folder), str(seconds)]
    env = environment(folder.parent)
    assert subprocess.run(command, cwd=ROOT, env=env, timeout=60).returncode == -9
    ends = [path.read_bytes().endswith(b"\n") for path in sorted(folder.iterdir())]
    assert ends.count(False) <= 1
    assert all(line.startswith(b'{"time":') for line in lines_in(folder))
