"""Servers that an upgrade of a dependency has broken, and that should therefore not start."""

import socket
import subprocess
import sys
import time

from tests.support.models import save_in
from tests.support.servers import ROOT, environment, free_port

# Python imports a module of this name at every start; what is written there breaks a dependency as an upgrade might.
BREAKER = "sitecustomize.py"


class Ended:
    """A server that should not start: its exit code, what it said, and what those who asked meanwhile got."""

    def __init__(self, breaker, folder, workers):
        (folder / BREAKER).write_text(breaker)
        save_in(folder, "wine", "wine")
        self.port = free_port()
        env = environment(folder, FOREST_MODEL="wine", PYTHONPATH=f"{folder}:{ROOT}")
        env |= {"BENTOML_CONFIG_OPTIONS": f"services.IrisClassifier.workers={workers}"}
        command = [sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        server = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.replies = b""
        deadline = time.monotonic() + 40
        while server.poll() is None:
            assert time.monotonic() < deadline
            self.replies += self.ask()
        self.output = server.communicate(timeout=5)[0]
        self.code = server.returncode

    def ask(self):
        """Return what a request gets; nothing from a port where nobody listens or answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5) as connection:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                return connection.recv(1000)
        except OSError:
            time.sleep(0.05)
            return b""
