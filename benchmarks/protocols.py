"""Protocols beside one another: one row in JSON, and 100,000 rows in each form. Prints ratios, in one run.

python -m benchmarks.protocols [--mlserver PYTHON] trains into a store of its own, starts the server, and MLServer with
the same forest if its environment's Python is given ("make bench" makes one).
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tests.support.servers import ROOT, copy_of_store, free_port, serving, stop

N_ROWS, N_TEXT_ROWS = 100_000, 10_000
ROUNDS, ROUND_S = 5, 0.6
ONE = [[5.1, 3.5, 1.4, 0.2]]


class Connection:
    """One kept-open connection."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Return a reply's body; fail unless it is 200."""
        self.http.request("POST", path, body, headers)
        reply = self.http.getresponse()
        content = reply.read()
        assert reply.status == 200, content[:300]
        return content


def per_second(ask: Callable[[], Any], seconds: float = ROUND_S) -> float:
    """Return how often a call can be made in a second."""
    start, n = time.perf_counter(), 0
    while (spent := time.perf_counter() - start) < seconds:
        ask()
        n += 1
    return n / spent


def tensor(rows: Any, **others: Any) -> dict[str, Any]:
    """Return rows as an input of the Open Inference Protocol."""
    return {"name": "input-0", "shape": list(rows.shape), "datatype": "FP64"} | others


def forms(rows: Any) -> dict[str, tuple[int, str, bytes, dict[str, str]]]:
    """Return for each form how many rows it sends, where, what, and with which headers."""
    text = rows[:N_TEXT_ROWS]
    head = json.dumps(
        {
            "inputs": [tensor(rows, parameters={"binary_data_size": rows.nbytes})],
            "parameters": {"binary_data_output": True},
        }
    ).encode()
    octets = {"Inference-Header-Content-Length": str(len(head)), "Content-Type": "application/octet-stream"}
    npy = {"Content-Type": "application/x-npy", "Accept": "application/x-npy"}
    kind = {"Content-Type": "application/json"}
    return {
        "/predict, JSON": (len(text), "/predict", json.dumps({"instances": text.tolist()}).encode(), kind),
        "Open Inference, binary": (len(rows), "/v2/models/iris/infer", head + rows.tobytes(), octets),
        "SageMaker, npy": (len(rows), "/invocations", _npy(rows), npy),
    }


def _npy(rows: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        np.save(file, rows)
        file.seek(0)
        return file.read()


@contextmanager
def mlserver(python: str, home: Path, work: Path) -> Iterator[int]:
    """Run MLServer with the forest of a store, and yield its port."""
    stored = next((home / "models" / "iris_forest").glob("*/*.pkl"))
    (work / "forest.joblib").write_bytes(stored.read_bytes())
    for name in ("settings.json", "model-settings.json"):
        (work / name).write_bytes((ROOT / "benchmarks" / "peers" / "mlserver" / name).read_bytes())
    port = free_port()
    variables = {"HTTP": port, "GRPC": free_port(), "METRICS": free_port()}
    environment = os.environ | {f"MLSERVER_{name}_PORT": str(each) for name, each in variables.items()}
    environment["MLSERVER_MODEL_URI"] = str(work / "forest.joblib")
    command = [str(Path(python).with_name("mlserver")), "start", "."]
    with (work / "mlserver.log").open("w") as log:
        server = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(port, work / "mlserver.log")
        yield port
    finally:
        stop(server)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/v2/models/iris/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"MLServer did not start:\n{log.read_text()[-2000:]}")


def one_row(connection: Connection) -> None:
    """Print requests a second of one row, asked in turns."""
    bodies = {
        "/predict": {"instances": ONE},
        "/v2/models/iris/infer": {"inputs": [tensor(np.array(ONE), data=ONE)]},
        "/v1/models/iris:predict": {"instances": ONE},
        "/invocations": {"inputs": ONE},
        "/predictions/iris": ONE,
    }
    found: dict[str, list[float]] = {path: [] for path in bodies}
    for _ in range(ROUNDS):
        for path, body in bodies.items():
            sent = json.dumps(body).encode()
            kind = {"Content-Type": "application/json"}
            found[path].append(per_second(partial(connection.post, path, sent, kind)))
    print("\none row, one connection: requests/s, × of /predict")
    for path, rates in found.items():
        ratio = median(rate / own for rate, own in zip(rates, found["/predict"], strict=True))
        print(f"  {path:28} {median(rates):8,.0f} {ratio:6.2f}")


def many_rows(connection: Connection, rows: Any) -> dict[str, float]:
    """Print rows a second in each form, asked in turns."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, (n_rows, path, body, headers) in forms(rows).items():
            rate = n_rows * per_second(partial(connection.post, path, body, headers))
            found.setdefault(name, []).append(rate)
    rates = {name: median(each) for name, each in found.items()}
    print(f"\n{N_ROWS:,} rows in binary, {N_TEXT_ROWS:,} in JSON: rows/s, × of our JSON")
    for name, rate in rates.items():
        print(f"  {name:28} {rate:12,.0f} {rate / rates['/predict, JSON']:6.2f}")
    return rates


def beside_mlserver(port: int, rows: Any, rates: dict[str, float]) -> None:
    """Print MLServer's rows a second for the same tensor, as JSON, the one form that it reads over HTTP."""
    body = json.dumps({"inputs": [tensor(rows, name="predict", data=rows.ravel().tolist())]}).encode()
    connection, kind = Connection(port), {"Content-Type": "application/json"}
    rate = len(rows) * median(
        per_second(lambda: connection.post("/v2/models/iris/infer", body, kind), 0.1) for _ in range(3)
    )
    ratio = rates["Open Inference, binary"] / rate
    print(f"  {'MLServer, the same tensor':28} {rate:12,.0f}; ours in binary is {ratio:,.0f} ×")


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlserver", help="the Python of an environment with MLServer")
    options = parser.parse_args()
    rows = np.random.default_rng(0).uniform(0, 8, (N_ROWS, 4)).round(1)
    with tempfile.TemporaryDirectory() as folder:
        home, work = Path(folder) / "store", Path(folder) / "mlserver"
        work.mkdir()
        trained = {**os.environ, "BENTOML_HOME": str(home)}
        subprocess.run([sys.executable, "train_and_save.py"], cwd=ROOT, env=trained, check=True, capture_output=True)
        with serving(home=copy_of_store(home, Path(folder) / "served")) as url:
            connection = Connection(int(url.rpartition(":")[2]))
            one_row(connection)
            rates = many_rows(connection, rows)
        if options.mlserver:
            with mlserver(options.mlserver, home, work) as port:
                beside_mlserver(port, rows, rates)


if __name__ == "__main__":
    main()
