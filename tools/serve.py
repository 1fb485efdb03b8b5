"""make serve: train if there is no model, then serve, and say where when it is ready."""

import argparse
import json
import os
import shlex
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from forest_serving.card import Card
from forest_serving.command_line import run, whole
from forest_serving.errors import OperatorError
from forest_serving.host.taken_port import refusal
from tools.train_if_missing import ROOT, train_if_missing

# What a browser on this machine calls an address that is listened on.
NAMES = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104 - only compared
BENTOML = [sys.executable, "-m", "bentoml"]
READY_TIMEOUT_S = 60
DIRECT = urllib.request.build_opener(
    urllib.request.ProxyHandler({})
)  # past any proxy; on macOS a fork may not look for one


def main() -> NoReturn:
    """Become the server."""
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=whole(1, 65535), default=3000)
    host, port = (arguments := parser.parse_args()).host, arguments.port
    check_port(host, port)
    card = train_if_missing().card
    url = f"http://{NAMES.get(host, f'[{host}]' if ':' in host else host)}:{port}"
    leave_companion(url, card)
    os.chdir(ROOT)
    command = [*BENTOML, "serve", "--host", host, "--port", str(port)]
    os.execv(command[0], command)  # noqa: S606 - signals reach the server, and nothing can leave it behind


def check_port(host: str, port: int) -> None:
    """Raise unless the address and port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise OperatorError(refusal(host, port, error, "make serve HOST=127.0.0.1 PORT=3001")) from None


def leave_companion(url: str, card: Card) -> None:
    """Leave a process behind that says what to do once the server answers, and stays until server or terminal is gone.

    When its terminal closes, make only waits for the server, which nobody tells.
    """
    server = os.getpid()
    if os.fork():
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback
    in_terminal = os.isatty(0)
    if wait_until_ready(lambda: os.getppid() == server, url):
        with suppress(OSError):
            print(welcome(url, card), flush=True)
    while in_terminal and os.getppid() == server:
        time.sleep(0.5)
        if not os.isatty(0):
            os.kill(server, signal.SIGHUP)
            break
    os._exit(0)


def wait_until_ready(is_alive: Callable[[], bool], url: str) -> bool:
    """Return whether the server answers before it ends or READY_TIMEOUT_S is over."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while is_alive() and time.monotonic() < deadline:
        try:
            with DIRECT.open(f"{url}/readyz", timeout=5):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def welcome(url: str, card: Card) -> str:
    """Return what to do next."""
    body = shlex.quote(json.dumps({"instances": [card.example]}))
    return f"""
  page  {url}/ui
  API   {url}/predict
  docs  {url}/

  curl -X POST {url}/predict -H "Content-Type: application/json" -d {body}

  Ctrl-C stops the server.
"""


if __name__ == "__main__":
    run(main)
