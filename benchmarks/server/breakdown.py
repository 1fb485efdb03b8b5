"""Where the processor time of one single-row request goes, on each way that this project answers it.

From the outside in: the kernel's read and write and the event loop are what a bare uvloop server takes, the head is
what httptools adds (in the lane, a look-up), and scope, cycle and task are what bare uvicorn adds to that, all under
the same load. The inner parts are timed in this process by calling the functions that serve. What then is missing to
the whole, "checks, head and the rest", is the gateway's own: ids, keys, limits, the reply's head, and caches that a
tight loop keeps warm.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import uvloop

from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say
from forest_serving.drift.watch import Watch
from forest_serving.drift.window import Window
from forest_serving.http.request import read_request
from forest_serving.http.whole_heads import WholeHeads
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols import instances_field, native
from forest_serving.protocols.predictor import Context
from forest_serving.rows.reader import RowReader
from forest_serving.settings import read_settings

MODEL = "iris_compiled"
FLOORS = ("uvloop", "httptools", "uvicorn")
ROUNDS = 9


def breakdown(plan: Plan, peers: dict[str, dict[str, Any]], say: Say) -> dict[str, dict[str, float]]:
    """Return the µs of each part on each way; they add up to its processor time per request."""
    cost = {name: peer["figures"]["cpu_us"]["median"] for name, peer in peers.items() if "figures" in peer}
    if missing := [name for name in ("iris", *FLOORS) if name not in cost]:
        raise ValueError(f"it needs figures of {' and '.join(missing)}")
    say("where the time goes")
    peer = Peer.read("iris")
    inner = inner_parts([peer.request([row]) for row in plan.in_range])
    kernel, http, uvicorn = (cost[name] for name in FLOORS)
    outer = {"iris": (looking_up(), 0.0), "iris-asgi": (http - kernel, uvicorn - http)}
    ways = {
        name: {"kernel and event loop": kernel, "head": head, "scope, cycle and task": task, **inner}
        for name, (head, task) in outer.items()
    }
    return {peers[name]["title"]: with_rest(parts, cost[name]) for name, parts in ways.items() if name in cost}


def with_rest(parts: dict[str, float], whole: float) -> dict[str, float]:
    """Return the parts, and what is missing to the whole."""
    return {**parts, "checks, head and the rest": whole - sum(parts.values())}


def inner_parts(bodies: list[bytes]) -> dict[str, float]:
    """Return the µs of what happens inside the gateway."""
    from forest_serving.models import store  # BentoML reads BENTOML_HOME when it is imported

    model, settings = store.load(MODEL), read_settings({})
    context = Context(model, RowReader(model.card, settings), settings)
    decode = instances_field.rows_decoder(context.rows, "")
    respond = native.protocol(context).table["POST /predict"].respond
    parts = {"decode and validate": timed(decode, bodies), "model": timed(model.answer, list(map(decode, bodies)))}
    parts["encode"] = timed(lambda body: respond({}, body), bodies) - sum(parts.values())
    replies = [respond({}, body) for body in bodies]
    watch = Watch(model.card, settings.drift_rows, list)
    monitor = Monitor(model.card, settings, None, recent=Window(watch.columns, watch.n_rows))
    return parts | {"count": uvloop.run(counting(monitor, replies))}


def looking_up() -> float:
    """Return the µs of finding a head that was read before."""
    heads, sent = WholeHeads(), b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + b" " * 40
    return timed(lambda data: heads[data[: data.find(b"\r\n\r\n") + 4]], [sent] * 1_000)


async def counting(monitor: Monitor, replies: list[Any]) -> float:
    """Return the µs of counting a reply as the gateway does, which needs an event loop."""
    request = read_request("POST", "/predict", [], b"/predict")
    return timed(lambda reply: monitor.answered(request, reply, b"id", 1e-4, lambda fields: ""), replies)


def timed(call: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Return the median µs of a call; the loop's own few hundredths are not taken off."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for each in inputs:
            call(each)
        times.append((time.process_time() - start) / len(inputs) * 1e6)
    return median(times)
