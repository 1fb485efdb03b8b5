"""What is asked: 10,000 rows in Redis, in PostgreSQL and in a folder, on free ports."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import redis
from redis.exceptions import RedisError

from benchmarks.server.install import DidNotStart
from benchmarks.server.surroundings import free_ports
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.features.source import Change

N_IDS, START_S, STOP_S = 10_000, 30, 15
NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
PREFIX = "features:"
_DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # where it keeps servers, out of PATH
_TABLE = f"CREATE TABLE features (id text PRIMARY KEY, {', '.join(f'{name} float8' for name in NAMES)})"
Rows = Mapping[str, list[float]]


def records_of(rows: Rows) -> dict[str, bytes]:
    """Return each row as it is stored: a JSON object."""
    return {
        id: json.dumps(dict(zip(NAMES, row, strict=True)), separators=(",", ":")).encode() for id, row in rows.items()
    }


def fill_folder(folder: Path, rows: Rows) -> None:
    """Store rows in a folder."""
    store = LmdbStore(folder)
    asyncio.run(_change(store, [Change(id, record, None) for id, record in records_of(rows).items()]))
    store.close()


async def _change(store: LmdbStore, changes: list[Change]) -> None:
    await store.change(changes)


@contextlib.contextmanager
def redis_server(rows: Rows) -> Iterator[str]:
    """Yield the URL of a Redis that holds rows, which no disk is asked for."""
    (port,) = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with started([program("redis-server", "redis-server"), *options], "/"):
        client = redis.Redis(port=port)
        wait_for(client.ping, RedisError)
        client.mset({f"{PREFIX}{id}": record for id, record in records_of(rows).items()})
        client.close()
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def postgres_server(rows: Rows) -> Iterator[str]:
    """Yield the URL of a PostgreSQL with Debian's settings whose table "features" holds rows."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        make = [postgres("initdb"), "--no-sync", "--auth=trust", "--username=postgres", "--pgdata", f"{folder}/data"]
        subprocess.run(as_postgres(make), cwd="/", check=True, capture_output=True, timeout=60)
        serve = [postgres("postgres"), "-D", f"{folder}/data", "-p", str(port), "-k", "", "-h", "127.0.0.1"]
        with started(as_postgres(serve), "/"):
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            wait_for(lambda: asyncio.run(_fill(url, rows)), OSError, asyncpg.PostgresError)
            yield url


async def _fill(url: str, rows: Rows) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(_TABLE)
    await connection.copy_records_to_table("features", records=[(id, *row) for id, row in rows.items()])
    await connection.execute("ANALYZE")
    await connection.close()


def postgres(name: str) -> str:
    """Return a program of PostgreSQL's, which Debian keeps out of PATH."""
    found = shutil.which(name, path=os.pathsep.join([*map(str, _DEBIANS), os.environ["PATH"]]))
    if not found:
        raise DidNotStart(f"{name} is missing; on Debian and Ubuntu: apt-get install postgresql")
    return found


def as_postgres(command: list[str]) -> list[str]:
    """Return a command as its own user's: PostgreSQL's programs refuse root."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return [*user, *command] if os.geteuid() == 0 else command


def program(name: str, package: str) -> str:
    """Return a program, or raise DidNotStart with what to install."""
    found = shutil.which(name)
    if not found:
        raise DidNotStart(f"{name} is missing; on Debian and Ubuntu: apt-get install {package}")
    return found


@contextlib.contextmanager
def started(command: list[str], folder: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, and end it."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        process.kill()


def wait_for(step: Callable[[], object], *errors: type[Exception]) -> None:
    """Repeat a step until it raises none of these errors, for START_S."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            step()
            return
        except errors:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
