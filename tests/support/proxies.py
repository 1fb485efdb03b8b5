"""The shipped HAProxy configuration in front of servers, for tests: unedited, with short times from the environment."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.servers import ROOT, free_port, stop

# Debian installs haproxy where only root's PATH leads.
HAPROXY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
START_S = 10


class Proxy(NamedTuple):
    """A running HAProxy."""

    port: int
    log_file: Path

    @property
    def url(self):
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        """Return what it has logged so far."""
        return self.log_file.read_text()

    def log_of(self, status):
        """Return the last line about a reply with this status, if there is one."""
        return next((line for line in reversed(self.log.splitlines()) if f" {status} " in line), None)

    def connect(self, timeout=10):
        """Return a new connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)


@contextlib.contextmanager
def proxying(*urls, folder, **variables):
    """Run HAProxy with deploy/haproxy.cfg in front of up to two servers, and yield it once it knows which are there."""
    ports = [*(urlsplit(url).port for url in urls), free_port(), free_port()]  # nothing listens on the free ones
    missing = "ab"[len(urls) :]
    proxy = Proxy(free_port(), folder / "haproxy.log")
    where = {
        "PROXY_LISTEN": f"127.0.0.1:{proxy.port}",
        "PROXY_SERVER_A": f"127.0.0.1:{ports[0]}",
        "PROXY_SERVER_B": f"127.0.0.1:{ports[1]}",
    }
    command = [HAPROXY, "-db", "-f", "deploy/haproxy.cfg"]
    with proxy.log_file.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | where | variables, stdout=log, stderr=log)
    try:
        until(lambda: listens(proxy) or process.poll() is not None, START_S)
        assert process.poll() is None, proxy.log
        until(lambda: all(f"Server servers/{name} is DOWN" in proxy.log for name in missing), START_S)
        yield proxy
    finally:
        stop(process)


def listens(proxy):
    """Return whether connections are accepted."""
    with contextlib.suppress(ConnectionRefusedError), proxy.connect():
        return True
    return False


def until(condition, seconds):
    """Wait until the condition holds, and return what it returned; fail after these seconds."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return result


def read_all(connection):
    """Return what arrives until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)
