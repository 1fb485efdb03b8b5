"""make serve: train if there is no model, then serve, and say where when it is ready."""

import argparse
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from iris_serving.command_line import run
from iris_serving.errors import OperatorError
from iris_serving.settings import read_settings
from tools.train_if_missing import COMPILED, ROOT, train_if_missing

BENTOML = [sys.executable, "-m", "bentoml"]
READY_TIMEOUT_S = 60


def main() -> int:
    """Serve until stopped; return BentoML's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    arguments = parser.parse_args()
    check_port(arguments.host, arguments.port)
    if read_settings().model == COMPILED:  # another one was named, and the service says how to make it
        train_if_missing()
    command = [*BENTOML, "serve", "service:IrisClassifier", "--host", arguments.host, "--port", str(arguments.port)]
    server = subprocess.Popen(command, cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server by itself
    everywhere_or_here = ("0.0.0.0", "127.0.0.1")  # noqa: S104 - only compared
    url = f"http://{'localhost' if arguments.host in everywhere_or_here else arguments.host}:{arguments.port}"
    if wait_until_ready(server, url):
        print(welcome(url), flush=True)
    return server.wait()


def check_port(host: str, port: int) -> None:
    """Raise unless the port can be listened on."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = f"Cannot listen on {host}:{port} ({error.strerror})"
        raise OperatorError(f"{reason}. Choose another: make serve PORT=3001") from None


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> bool:
    """Return whether the server answers before it ends or READY_TIMEOUT_S is over."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own http URL
                return True
        except OSError:
            time.sleep(0.05)
    return False


def welcome(url: str) -> str:
    """Return what to do next."""
    return f"""
  API   {url}/predict
  docs  {url}/

  curl -X POST {url}/predict -H "Content-Type: application/json" -d '{{"instances": [[5.1, 3.5, 1.4, 0.2]]}}'

  Ctrl-C stops the server.
"""


if __name__ == "__main__":
    run(main)
