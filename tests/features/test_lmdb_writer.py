"""Changes wait for other processes for a while, off the event loop; one that was given up is not made later."""

import asyncio
import subprocess
import sys
import time

import pytest

from forest_serving.errors import SourceBusy, SourceDown
from forest_serving.features import lmdb_writer
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import Change
from tests.support.servers import ROOT

HOLD = """
import sys
from pathlib import Path
from forest_serving.features.lmdb_environment import Environment
environment = Environment(Path(sys.argv[1]))
transaction = environment.begin_to_write()
print("held", flush=True)
sys.stdin.readline()
transaction.abort()
print("let go", flush=True)
"""


@pytest.fixture
def store(tmp_path):
    store = LmdbStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def holder(store, tmp_path):
    """Return another process, which lets nobody write until it gets a line."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def let_go(holder):
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "let go\n"


def test_a_change_that_waited_too_long_is_not_made_later(store, holder, monkeypatch):
    monkeypatch.setattr(lmdb_writer, "WAIT_S", 0.2)

    async def change_late():
        with pytest.raises(SourceBusy, match="was not made") as busy:
            await store.change([Change("a", b"1", None)])
        let_go(holder)
        assert await store.change([Change("b", b"1", None)]) == ["b"]
        return busy.value

    assert asyncio.run(change_late()).headers == {"Retry-After": "1"}
    assert store.look_up(["a", "b"]) == [None, b"1"]


def test_others_have_their_turn_meanwhile(store, holder):
    async def turns_while_waiting():
        change = asyncio.create_task(store.change([Change("a", b"1", None)]))
        for n_turns in range(50):
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            store.look_up(["a"])
            assert time.perf_counter() - began < 1, n_turns
        assert not change.done()
        let_go(holder)
        return await change

    assert asyncio.run(turns_while_waiting()) == ["a"]


def test_a_change_whose_request_is_cancelled_is_not_made(store, holder):
    async def cancel():
        change = asyncio.create_task(store.change([Change("a", b"1", None)]))
        await asyncio.sleep(0.05)
        change.cancel()
        await asyncio.wait([change])
        let_go(holder)
        await store.change([Change("b", b"1", None)])

    asyncio.run(cancel())
    assert store.look_up(["a"]) == [None]


def test_the_lock_of_a_killed_process_is_taken_over(store, holder):
    holder.kill()
    holder.wait()
    assert asyncio.run(store.change([Change("a", b"1", None)])) == ["a"]


def test_a_failing_disk_is_told_and_the_next_change_is_made(store, monkeypatch):
    real = lmdb_writer._made
    monkeypatch.setattr(lmdb_writer, "_made", lambda *_: (_ for _ in ()).throw(OSError("the disk is on fire")))
    with pytest.raises(SourceDown, match=r"\(the disk is on fire\), and nothing was changed"):
        asyncio.run(store.change([Change("a", b"1", None)]))
    monkeypatch.setattr(lmdb_writer, "_made", real)
    assert asyncio.run(store.change([Change("a", b"1", None)])) == ["a"]
