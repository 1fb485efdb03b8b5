"""How long "bentoml serve" takes to be ready, and its resident memory, beside a BentoML service with an empty method.

    .venv/bin/python -m benchmarks.startup

Both are started in turn; the figures are medians, the memory is that of the supervisor and its worker together. A model
must be in the store ("make train").
"""

import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

import psutil

ROUNDS = 7
PORT = 3099
EMPTY = """
import bentoml

@bentoml.service
class Empty:
    @bentoml.api
    def predict(self) -> int:
        return 0
"""


def start_and_stop(folder: Path) -> tuple[float, float]:
    """Return the seconds until a folder's service is ready, and its megabytes a second later."""
    command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(PORT)]
    start = time.perf_counter()
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(server)
        ready_s = time.perf_counter() - start
        time.sleep(1)
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        return ready_s, sum(process.memory_info().rss for process in processes) / 1e6
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_ready(server: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers; fail if it ends before."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=30):
                return
        except OSError:
            time.sleep(0.01)
    sys.exit("The service did not start. Is there a model? Run: make train")


def main() -> None:
    """Print both services' figures and their ratios."""
    with tempfile.TemporaryDirectory() as empty:
        (Path(empty) / "service.py").write_text(EMPTY)
        folders = {"empty method": Path(empty), "iris_classifier": Path(__file__).parent.parent}
        runs = {name: [start_and_stop(folder)] for name, folder in folders.items()}
        for _ in range(ROUNDS - 1):
            for name, folder in folders.items():
                runs[name].append(start_and_stop(folder))
    figures = {name: [median(column) for column in zip(*run, strict=True)] for name, run in runs.items()}
    for name, (seconds, megabytes) in figures.items():
        print(f"{name:16} ready after {seconds:.2f} s, {megabytes:.0f} MB")
    ratios = [ours / empty for empty, ours in zip(*figures.values(), strict=True)]
    print(f"ratio            {ratios[0]:.2f} × the time, {ratios[1]:.2f} × the memory")


if __name__ == "__main__":
    main()
