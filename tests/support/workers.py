"""A server's workers as the operating system sees them: processes, memory, connections."""

from pathlib import Path
from urllib.parse import urlsplit

import psutil


def workers_of(url):
    """Return the worker processes of the server at a URL, which this process started."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if is_worker(process) and ports(process, urlsplit(url).port)]


def is_worker(process):
    """Return whether a process is one of BentoML's workers."""
    try:
        return "_bentoml_impl.worker.service" in process.cmdline()
    except psutil.Error:
        return False


def ports(worker, port):
    """Return the clients' ports of a worker's connections on a port; 0 stands for the listening socket."""
    try:
        found = worker.net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {entry.raddr.port if entry.raddr else 0 for entry in found if entry.laddr.port == port}


def memory_mb(worker):
    """Return a worker's resident memory in MB."""
    return worker.memory_info().rss / 1e6


def folder_of_counts(url):
    """Return the folder where the workers of a server that this process started leave their counts."""
    return Path(workers_of(url)[0].environ()["PROMETHEUS_MULTIPROC_DIR"])
