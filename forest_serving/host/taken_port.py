"""Why an address cannot be listened on, who has it and what to do, in one sentence."""

import errno
from collections.abc import Iterator
from contextlib import suppress

import psutil

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - only compared


def refusal(host: str, port: int, error: OSError, remedy: str) -> str:
    """Return the sentence.

    Args:
        host: an IP address, or what was given for one.
        port: the port.
        error: what listening, or looking the host up, raised.
        remedy: a command that listens elsewhere.
    """
    if error.errno != errno.EADDRINUSE:
        return f"Cannot listen on {host}:{port} ({error.strerror}). Choose another address, such as: {remedy}"
    if not (holders := find_holders(host, port)):
        who, stop = "a program that this user cannot see, such as another user's", "Stop it"
    else:
        who = " and ".join(f"process {process.pid} ({_name(process)})" for process in holders)
        stop = f"Stop it (kill {' '.join(str(process.pid) for process in holders)})"
    return f"Cannot listen on {host}:{port}, because that port is taken by {who}. {stop}, or choose another: {remedy}"


def find_holders(host: str, port: int) -> list[psutil.Process]:
    """Return the processes that have a port of an address, without those that they started: a server, not its workers.

    Others' processes can be seen by root only.
    """
    holders = {process.pid: process for process in psutil.process_iter() if any(_sockets(process, host, port))}
    return [process for process in holders.values() if _parent(process) not in holders]


def _sockets(process: psutil.Process, host: str, port: int) -> Iterator[object]:
    """Return the sockets of a process that keep others from listening on an address."""
    with suppress(psutil.Error, OSError):  # gone, or another user's
        for entry in process.net_connections(kind="tcp"):
            if entry.laddr and entry.laddr.port == port and (host in WILDCARDS or entry.laddr.ip in (host, *WILDCARDS)):
                yield entry


def _parent(process: psutil.Process) -> int | None:
    with suppress(psutil.Error):
        return process.ppid()
    return None


def _name(process: psutil.Process) -> str:
    """Return how a process was started, without what may be secret: no more than "python -m bentoml"."""
    with suppress(psutil.Error):
        program, *arguments = process.cmdline()
        text = " ".join([program.rpartition("/")[2], *arguments[:2]])[:80]
        return "".join(each if each.isprintable() else "?" for each in text)
    return "?"
