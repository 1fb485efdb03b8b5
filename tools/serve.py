"""make serve: train if there is no model, then serve, and say where when it is ready."""

import argparse
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from forest_serving.card import Card
from forest_serving.command_line import run, whole
from forest_serving.errors import OperatorError
from tools.train_if_missing import ROOT, train_if_missing

# What a browser on this machine calls an address that is listened on.
NAMES = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104 - only compared
BENTOML = [sys.executable, "-m", "bentoml"]
READY_TIMEOUT_S = 60


def main() -> int:
    """Serve until stopped; return BentoML's exit code."""
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=whole(1, 65535), default=3000)
    host, port = (arguments := parser.parse_args()).host, arguments.port
    check_port(host, port)
    card = train_if_missing().card
    check_port(host, port)  # training takes its time
    command = [*BENTOML, "serve", "--host", host, "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server by itself
    url = f"http://{NAMES.get(host, f'[{host}]' if ':' in host else host)}:{port}"
    if wait_until_ready(server, url):
        print(welcome(url, card), flush=True)
    return server.wait()


def check_port(host: str, port: int) -> None:
    """Raise unless the address and port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = f"Cannot listen on {host}:{port} ({error.strerror})"
        raise OperatorError(f"{reason}. Choose another, such as: make serve HOST=127.0.0.1 PORT=3001") from None


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


def welcome(url: str, card: Card) -> str:
    """Return what to do next."""
    body = json.dumps({"instances": [card.example]})
    return f"""
  API   {url}/predict
  docs  {url}/

  curl -X POST {url}/predict -H "Content-Type: application/json" -d '{body}'

  Ctrl-C stops the server.
"""


if __name__ == "__main__":
    run(main)
