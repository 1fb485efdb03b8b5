"""What a server listens on, as the operating system sees it, and an attacker who looks for its supervisor there."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.support.workers import workers_of

# Runs a command in Circus' process, if it takes one. As root it first becomes a user who may do nothing.
ATTACKER = """
import json, os, sys
import zmq
marker, *addresses = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
command = {"name": "attack", "cmd": "touch " + marker, "start": True}
for address in addresses:
    attack = zmq.Context.instance().socket(zmq.DEALER)
    attack.linger = 0
    attack.connect(address)
    attack.send_json({"id": "1", "command": "add", "properties": command})
    if attack.poll(2000):
        print(attack.recv())
"""
KNOCK = """
import os, socket, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("entered", path)
    except PermissionError:
        pass
"""


def tree_of(url):
    """Return all processes of the server at a URL, which this process started; the supervisor is the first."""
    supervisor = workers_of(url)[0].parent()
    return [supervisor, *supervisor.children(recursive=True)]


def ports_of(url):
    """Return the TCP and UDP ports on which a server's processes wait for others."""
    return {
        entry.laddr.port
        for process in tree_of(url)
        for entry in process.net_connections(kind="inet")
        if entry.laddr and not entry.raddr and entry.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    }


def unix_sockets_of(url):
    """Return the names of a server's Unix sockets."""
    found = (process.net_connections(kind="unix") for process in tree_of(url))
    return {entry.laddr for entries in found for entry in entries if entry.laddr}


def is_private(name):
    """Return whether a Unix socket is in a folder that other users may not enter; abstract names are in none."""
    path = Path(name)
    return path.is_absolute() and any(not parent.stat().st_mode & 0o011 for parent in path.parents)


def attack(url, marker):
    """Try to make the server's supervisor create a file, on each of its ports; return what it answered."""
    addresses = [f"tcp://{urlsplit(url).hostname}:{port}" for port in ports_of(url)]
    assert addresses
    return run(ATTACKER, marker, *addresses)


def entered_by_others(names):
    """Return those Unix sockets, one a line, that another user could connect to; only root can try."""
    return run(KNOCK, *names)


def run(script, *arguments):
    """Return what a script printed; it must not fail."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def hold_port_unseen():
    """Return a port that is taken although no process has it open, and what keeps it so.

    A listening socket on its way from one socket to another belongs to no process.
    """
    sender, receiver = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        socket.send_fds(sender, [b"x"], [listener.fileno()])
    return port, (sender, receiver)
