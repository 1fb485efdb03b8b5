"""A look at certificate and key before any worker starts; else workers would fail, and be replaced for ever.

Holds on: the arguments that BentoML gives its workers, and Circus' Arbiter, which knows them. It can go when BentoML
says in one sentence what is wrong with a certificate, and ends.
"""

import ssl
from itertools import pairwise
from pathlib import Path
from typing import Any

from circus.arbiter import Arbiter

from forest_serving.host.tls import BadCertificate, Options, make_context

_FILES = ("--ssl-certfile", "--ssl-keyfile", "--ssl-ca-certs")


def install() -> None:
    """Make the supervisor end with one sentence if its workers could not speak TLS as they are told."""
    start = Arbiter.start

    def check_and_start(arbiter: Any, *arguments: Any, **options: Any) -> Any:
        try:
            for watcher in arbiter.watchers:
                check(watcher.args or [], Path(watcher.working_dir))  # the plugin of --reload has none
        except BadCertificate as error:
            raise SystemExit(str(error)) from None  # listening.py cleans up
        return start(arbiter, *arguments, **options)

    Arbiter.start = check_and_start


def check(arguments: list[str], folder: Path) -> None:
    """Raise BadCertificate if a worker could not speak TLS as its arguments say.

    Args:
        arguments: options and values in turn.
        folder: where the worker looks for files.
    """
    said = dict(pairwise(arguments))
    files = {option: str(folder / said[option]) for option in _FILES if option in said}
    if "--ssl-certfile" in files:
        make_context(options_of(said | files))
    elif files:
        raise BadCertificate(f"{next(iter(files))} is of no use without --ssl-certfile; add it, for HTTPS.")


def options_of(said: dict[str, str]) -> Options:
    """Return what a worker is told."""
    return Options(
        certfile=said["--ssl-certfile"],
        keyfile=said.get("--ssl-keyfile"),
        password=said.get("--ssl-keyfile-password"),
        ssl_version=int(said.get("--ssl-version", ssl.PROTOCOL_TLS_SERVER)),
        cert_reqs=int(said.get("--ssl-cert-reqs", ssl.CERT_NONE)),
        ca_certs=said.get("--ssl-ca-certs"),
        ciphers=said.get("--ssl-ciphers"),
    )
