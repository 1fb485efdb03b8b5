"""Where the time of one single-row request goes, in processor µs on this project's server.

The inner parts are timed in this process, by calling the functions that serve. What uvicorn and the event loop cost is
what bare uvicorn takes outside the kernel; the kernel's share is what the operating system counted for our server. What
then is missing to the whole is "the rest": reading the body, a longer header, and caches that a tight loop keeps warm.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import uvloop

from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say
from forest_serving.http.assembly import make_gateway
from forest_serving.models.loaded_model import LoadedModel
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols import native
from forest_serving.protocols.endpoint import encode
from forest_serving.rows.reader import RowReader
from forest_serving.settings import Settings, read_settings

MODEL = "iris_compiled"
ROUNDS = 9


def breakdown(plan: Plan, peers: dict[str, dict[str, Any]], say: Say) -> dict[str, float]:
    """Return the µs of each part, from the inside out; they add up to the server's processor time per request."""
    missing = [name for name in ("iris", "uvicorn") if "figures" not in peers.get(name, {})]
    if missing:
        raise ValueError(f"it needs figures of {' and '.join(missing)}")
    say("where the time goes")
    ours, bare = peers["iris"]["figures"], peers["uvicorn"]["figures"]
    parts = inner_parts([Peer.read("iris").request([row]) for row in plan.in_range])
    parts["uvicorn and the event loop"] = bare["user_us"]["median"]
    parts["kernel and network"] = ours["system_us"]["median"]
    parts["the rest"] = ours["cpu_us"]["median"] - sum(parts.values())
    return parts


def inner_parts(bodies: list[bytes]) -> dict[str, float]:
    """Return the µs of what happens inside the gateway, and of the gateway around it."""
    from forest_serving.models import store  # BentoML reads BENTOML_HOME when it is imported

    model, settings = store.load(MODEL), read_settings({})
    decode = native.rows_decoder(RowReader(model.card, settings), "")
    rows = [decode(body) for body in bodies]
    replies = [{"predictions": model.answer(each).predictions()} for each in rows]
    parts = {
        "parse and validate": timed(decode, bodies),
        "look up": timed(model.answer, rows),
        "encode": timed(encode, replies),
    }
    return parts | {"gateway": uvloop.run(through_gateway(model, settings, bodies)) - sum(parts.values())}


def timed(call: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Return the median µs of a call; the loop's own few hundredths are not taken off."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for each in inputs:
            call(each)
        times.append((time.process_time() - start) / len(inputs) * 1e6)
    return median(times)


async def through_gateway(model: LoadedModel, settings: Settings, bodies: list[bytes]) -> float:
    """Return the median µs of a request through the gateway, between a server's two calls that cost nothing."""
    monitor, times = Monitor(model.card, settings, None), []
    gateway = make_gateway(refuse, model, settings, monitor, lambda: b"")
    for _ in range(ROUNDS):
        start = time.process_time()
        for body in bodies:
            await gateway(scope_of(body), receiver(body), ignore)
        times.append((time.process_time() - start) / len(bodies) * 1e6)
    return median(times)


def scope_of(body: bytes) -> dict[str, Any]:
    """Return what uvicorn says of a request by wrk."""
    length = b"%d" % len(body)
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", length)]
    scope = {"type": "http", "method": "POST", "path": "/predict", "raw_path": b"/predict", "query_string": b""}
    return scope | {"headers": headers, "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1)}


def receiver(body: bytes) -> Callable[[], Any]:
    """Return what hands over the body, once."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def ignore(message: Any) -> None:
    """Send nothing."""


async def refuse(*_: Any) -> None:
    """Stand for BentoML's application, which no prediction reaches."""
    raise AssertionError("the gateway passed a prediction on")
