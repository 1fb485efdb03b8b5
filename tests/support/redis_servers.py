"""A real Redis server for tests, which can be stalled, killed and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import redis

from tests.support.servers import ROOT, free_port

START_S = 10
PROGRAM = "redis-server"


class RedisServer:
    """Debian's Redis on a port of its own; what it holds is gone when it ends, unless it is told to keep it.

    Args:
        folder: for its log and its data.
        options: further words of its command line.
    """

    def __init__(self, folder, *options):
        self.folder, self.options, self.port = folder, options, free_port()
        self.process = None

    @property
    def url(self):
        """Return what FOREST_FEATURES is to be."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options):
        """Return a client that waits for answers, but not for ever."""
        return redis.Redis(port=self.port, socket_timeout=10, **options)

    def start(self):
        """Start it, and wait until it answers."""
        command = [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *self.options]
        with (self.folder / "redis.log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.02)

    def _answers(self):
        with self.client() as client, contextlib.suppress(redis.ConnectionError):
            try:
                return client.ping()
            except redis.AuthenticationError:
                return True
        return False

    def stall(self):
        """Let it take connections, but answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        """Let it answer again."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """End it at once."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def n_calls(self, command):
        """Return how often a command was called."""
        with self.client() as client:
            return client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"]

    def store(self, records, prefix="features:"):
        """Store JSON texts by id."""
        with self.client() as client:
            client.mset({prefix + id: record for id, record in records.items()})


def program():
    """Return where Redis is, after installing it if that is necessary."""
    if not shutil.which(PROGRAM):
        subprocess.run(["sh", "tools/system.sh", PROGRAM], cwd=ROOT, check=True, timeout=250)
    return shutil.which(PROGRAM)


@contextlib.contextmanager
def running_redis(folder, *options):
    """Yield a Redis server that runs, and end it."""
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
