"""A network for one test: a loopback interface and nothing else, gone with the process that asked for it."""

import contextlib
import ctypes
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

CLONE_NEWNET = 0x40000000
# Sets the flags IFF_UP and IFF_RUNNING of "lo", as "ip link set lo up" does, and waits to be ended.
HOLD = """
import fcntl, signal, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sH", b"lo", 0x41))
print("ready", flush=True)
signal.pause()
"""


class Network(NamedTuple):
    """A network namespace; path is what nsenter takes."""

    path: Path

    def enter(self):
        """Let this thread, and no other, open its sockets there from now on."""
        with self.path.open() as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def call(self, function, *arguments):
        """Return what a function returns in there."""
        with ThreadPoolExecutor(1, initializer=self.enter) as thread:
            return thread.submit(function, *arguments).result()


@contextlib.contextmanager
def own_network():
    """Yield a network; the kernel takes it away with the last process in it."""
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "ready\n"
            yield Network(Path(f"/proc/{holder.pid}/ns/net"))
        finally:
            holder.kill()
