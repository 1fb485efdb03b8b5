"""How long rows by id take where the store is 50 ms away, and what helps. docs/guides/find-the-bottleneck.md has these.

    .venv/bin/python -m benchmarks.slow_store

It needs Redis and a model in the store ("make train"). Each way finds the same 100 rows, over one connection; the times
of the stages are those that the replies tell in Server-Timing.
"""

import asyncio
import contextlib
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sklearn.datasets import load_iris

from benchmarks.features.stores import Rows, fill_folder, redis_server
from benchmarks.server.rows import rows_in_range
from benchmarks.server.running import Running, own_server
from benchmarks.server.surroundings import free_ports
from benchmarks.server.table import digits, markdown

N_IDS, DELAY_S, ROUNDS = 100, 0.05, 3
HEADERS = {"Content-Type": "application/json", "Prefer": "server-timing"}
PIECE_BYTES = 65_536


class Way(NamedTuple):
    """What one way took.

    Attributes:
        name: what it is.
        all_ms: for all ids.
        features_ms: of the median request, for the store; 0 if that was not asked.
        total_ms: of the median request, for all.
    """

    name: str
    all_ms: float
    features_ms: float
    total_ms: float


@contextlib.contextmanager
def delayed(port: int) -> Iterator[int]:
    """Yield a port that leads to another one, each answer of which comes DELAY_S later."""
    loop, (own,) = asyncio.new_event_loop(), free_ports(1)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, forth, 0.0), copy(back, writer, DELAY_S))

    asyncio.run_coroutine_threadsafe(asyncio.start_server(pass_on, "127.0.0.1", own), loop).result(10)
    try:
        yield own
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Pass on what comes, later."""
    while piece := await reader.read(PIECE_BYTES):
        await asyncio.sleep(delay_s)
        writer.write(piece)
    writer.close()


def asked(name: str, server: Running, ids: Sequence[str], n_at_once: int) -> Way:
    """Ask for ids, some at once, ROUNDS times, and return what the median round took."""
    all_ms, stages = [], []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    while not answered(connection, ids):
        time.sleep(0.1)  # the first connection to a store may take too long
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for start in range(0, len(ids), n_at_once):
            stages.append(answered(connection, ids[start : start + n_at_once]))
        all_ms.append((time.perf_counter() - begun) * 1e3)
    connection.close()
    features, total = (median(each.get(stage, 0.0) for each in stages) for stage in ("features", "total"))
    return Way(name, median(all_ms), features, total)


def answered(connection: http.client.HTTPConnection, ids: Sequence[str]) -> dict[str, float]:
    """Ask for ids, and return the milliseconds of each stage; none if that was refused."""
    connection.request("POST", "/predict", json.dumps({"ids": ids}), HEADERS)
    reply = connection.getresponse()
    reply.read()
    return stages_of(reply.headers["Server-Timing"]) if reply.status == http.client.OK else {}


def stages_of(header: str) -> dict[str, float]:
    """Return the milliseconds of each stage in Server-Timing."""
    pairs = (each.split(";dur=") for each in header.split(", "))
    return {name: float(milliseconds) for name, milliseconds in pairs}


def measure(work: Path, rows: Rows) -> list[Way]:
    """Return what each way took."""
    ids, found = list(rows), []
    with redis_server(rows) as url, delayed(int(url.rpartition(":")[2].partition("/")[0])) as port:
        slow = f"redis://127.0.0.1:{port}/0"
        with own_server(work / "server.log", FOREST_FEATURES=slow) as server:
            found.append(asked("a store 50 ms away, one id a request", server, ids, 1))
            found.append(asked("the same, 100 ids in one request", server, ids, N_IDS))
        with own_server(work / "server.log", FOREST_FEATURES=slow, FOREST_FEATURES_CACHE_S="60") as server:
            found.append(asked("the same, one id a request, FOREST_FEATURES_CACHE_S=60", server, ids, 1))
        with own_server(work / "server.log", FOREST_FEATURES=url) as server:
            found.append(asked("a store on the same machine, one id a request", server, ids, 1))
    fill_folder(work / "features", rows)
    with own_server(work / "server.log", FOREST_FEATURES=str(work / "features")) as server:
        found.append(asked("embedded, one id a request", server, ids, 1))
    return found


def main() -> None:
    """Measure, and print a table."""
    rows = {f"f{number}": row for number, row in enumerate(rows_in_range(load_iris().data, N_IDS))}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ways = measure(Path(folder), rows)
    header = ["rows from", "100 ids, ms", "a request: features, ms", "total, ms"]
    print(markdown(header, [[way.name, *map(digits, way[1:])] for way in ways]))


if __name__ == "__main__":
    main()
