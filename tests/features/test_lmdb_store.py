"""The embedded store: what is changed is there for all who have it open, in the order of the ids' bytes."""

import asyncio
import os
import stat
import subprocess
import sys

import pytest

from forest_serving.errors import BadSetting
from forest_serving.features import lmdb_environment
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.records import etag_of
from forest_serving.features.source import ANYTHING, Change, NotAsExpected, SourceFailed
from tests.support.servers import ROOT

A, B = b'{"x":1}', b'{"x":2}'
HOSTILE = ["../../etc/passwd", "..", ".", "\0", "a/b", "ü" * 128, "\U0010ffff" * 64, " ", "'; DROP TABLE--", "{id}"]


@pytest.fixture
def store(tmp_path):
    store = LmdbStore(tmp_path / "deep" / "features")
    yield store
    store.close()


def change(store, *changes):
    return asyncio.run(store.change(changes))


def put(store, id, record=A, expected=None):
    return change(store, Change(id, record, expected))


def pages(store, limit):
    """Return all ids, page by page."""
    found, after = [], ""
    while page := asyncio.run(store.page(after, limit)):
        found += [id for id, _ in page]
        after = page[-1][0]
    return found


def test_what_was_stored_is_found(store):
    assert put(store, "a") == ["a"]
    assert store.look_up(["b", "a", "a"]) == [None, A, A]


@pytest.mark.parametrize("id", HOSTILE)
def test_any_text_is_an_id(store, id):
    put(store, id)
    assert store.look_up([id]) == [A]
    assert pages(store, 1) == [id]


def test_ids_come_in_the_order_of_their_bytes(store):
    for id in HOSTILE:
        put(store, id)
    assert pages(store, 3) == sorted(HOSTILE, key=str.encode)


@pytest.mark.parametrize(
    ("expected", "is_made"), [(etag_of(A), True), (ANYTHING, True), (etag_of(B), False), (None, False)]
)
def test_a_change_is_made_only_of_what_it_expects(store, expected, is_made):
    put(store, "a")
    if is_made:
        assert put(store, "a", B, expected) == []
    else:
        with pytest.raises(NotAsExpected):
            put(store, "a", B, expected)
    assert store.look_up(["a"]) == [B if is_made else A]


@pytest.mark.parametrize("expected", [ANYTHING, etag_of(A)])
def test_what_is_expected_must_be_there(store, expected):
    with pytest.raises(NotAsExpected):
        put(store, "a", B, expected)


def test_nothing_is_changed_unless_all_is_as_expected(store):
    put(store, "b")
    with pytest.raises(NotAsExpected) as refused:
        change(store, Change("a", A, None), Change("b", A, None), Change("c", A, ANYTHING))
    assert refused.value.ids == ["b", "c"]
    assert pages(store, 10) == ["b"]


def test_what_is_removed_is_gone(store):
    put(store, "a")
    assert put(store, "a", None, ANYTHING) == []
    assert store.look_up(["a"]) == [None]


def test_changes_that_come_together_do_not_get_lost(store):
    """They share a transaction, in which each finds what the one before it left."""

    async def race():
        changes = [store.change([Change("a", b"%d" % number, None)]) for number in range(50)]
        return await asyncio.gather(*changes, return_exceptions=True)

    made = [each for each in asyncio.run(race()) if each == ["a"]]
    assert len(made) == 1


def test_what_cannot_be_read_is_a_failure_of_the_source(store):
    store.environment.db.close()
    with pytest.raises(SourceFailed):
        store.look_up(["a"])
    with pytest.raises(SourceFailed):
        asyncio.run(store.page("", 1))


def test_nobody_else_may_look_into_it(store, tmp_path):
    folder = tmp_path / "deep" / "features"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]}
    assert modes == {"features": 0o700, "data.mdb": 0o600, "lock.mdb": 0o600}


def test_a_process_opens_it_once(store, tmp_path):
    """Twice would cost it its locks."""
    with pytest.raises(BadSetting, match="this process has it open already"):
        LmdbStore(tmp_path / "deep" / "features")


def test_it_can_be_opened_again_once_it_is_closed(tmp_path):
    first = LmdbStore(tmp_path)
    put(first, "a")
    first.close()
    second = LmdbStore(tmp_path)
    assert second.look_up(["a"]) == [A]
    second.close()


def test_a_file_where_the_folder_should_be_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match=r"The folder of features, .*/file, cannot be used: .*\. Name a folder"):
        LmdbStore(tmp_path / "file")


def test_what_is_no_store_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "data.mdb").write_bytes(b"no store" * 2000)
    with pytest.raises(BadSetting, match=r"its data.mdb is no store of features"):
        LmdbStore(tmp_path)


def test_a_folder_that_this_user_may_not_write_is_refused_in_a_sentence(tmp_path):
    """As another user, where this one may do anything."""
    tmp_path.chmod(0o755)
    code = f"""
import os
from pathlib import Path
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.errors import BadSetting
if os.geteuid() == 0: os.setuid(65534)
else: os.chmod({str(tmp_path)!r}, 0o500)
try: LmdbStore(Path({str(tmp_path)!r}))
except BadSetting as error: print(error)
"""
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.geteuid() and str(folder) != "/tmp":
            folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "cannot be used: Permission denied" in done.stdout, done.stderr


@pytest.fixture
def small_map(monkeypatch):
    monkeypatch.setattr(lmdb_environment, "_MAP_BYTES", 1 << 20)
    monkeypatch.setattr(lmdb_environment, "_LEAST_MAP_BYTES", 1 << 18)


def test_it_grows_as_it_has_to(small_map, store):
    for number in range(60):
        put(store, f"id{number}", b"x" * 50_000)
    assert len(pages(store, 100)) == 60
    assert store.environment.map_size() > 1 << 21


def test_it_grows_where_another_process_wrote_more_than_the_map_holds(small_map, store, tmp_path):
    put(store, "a")
    code = f"""
import asyncio
from pathlib import Path
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import Change
store = LmdbStore(Path({str(tmp_path / "deep" / "features")!r}))
asyncio.run(store.change([Change(f"id{{n}}", b"x" * 50_000, None) for n in range(100)]))
store.close()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
    assert store.look_up(["a", "id99"]) == [A, b"x" * 50_000]
    assert put(store, "b") == ["b"]


def test_little_address_space_will_do(tmp_path):
    code = f"""
import asyncio, resource
from pathlib import Path
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import Change
resource.setrlimit(resource.RLIMIT_AS, (800_000_000, 800_000_000))
store = LmdbStore(Path({str(tmp_path)!r}))
print(asyncio.run(store.change([Change("a", b"1", None)])), store.environment.map_size() < 800_000_000)
try:
    for part in range(100):
        asyncio.run(store.change([Change(f"id{{part}}-{{n}}", b"x" * 60_000, None) for n in range(100)]))
except Exception as error:
    print(error)
print(store.look_up(["a", f"id{{part}}-0"]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    first, second, third = done.stdout.splitlines()
    assert (first, third) == ("['a'] True", "[b'1', None]"), done.stderr
    assert "no address space is left" in second


WRITING = """
import asyncio, sys
from pathlib import Path
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import ANYTHING, Change
store = LmdbStore(Path(sys.argv[1]))
for number in range(8):
    asyncio.run(store.change([Change("a17", b"%d" % number, ANYTHING)]))
"""


@pytest.mark.once
def test_a_stamp_is_of_what_is_read_while_another_process_stands_still_in_a_change(store):
    """LMDB writes that a change is made in two places; who may look at one reads by the other."""
    put(store, "a17", b"before")
    calls = "pwrite64,pwritev,fdatasync"
    slow = f"strace -f -qq -o {os.devnull} -e trace={calls} -e inject={calls}:delay_exit=50000".split()
    command = [*slow, sys.executable, "-c", WRITING, str(store.environment.folder)]
    records_of: dict[int, set[bytes]] = {}
    with subprocess.Popen(command, cwd=ROOT) as process:
        while process.poll() is None:
            stamp = store.stamp()
            (record,) = store.look_up(["a17"])
            if store.stamp() == stamp:
                records_of.setdefault(stamp, set()).add(record)
    assert process.returncode == 0
    assert len(records_of) > 2
    assert all(len(records) == 1 for records in records_of.values())
