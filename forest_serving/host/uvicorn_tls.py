"""A worker's TLS: uvicorn takes ours.

Holds on: the function create_ssl_context in uvicorn's module config, and its arguments' names. guards.py refuses TLS
that was not made here. It can go when BentoML passes on uvicorn's option ssl_context_factory, or leaves the choice of
ciphers to Python.
"""

from typing import Any

from uvicorn import config

from forest_serving.host.guards import end_server
from forest_serving.host.tls import BadCertificate, Context, Options, make_context


def install() -> None:
    """Make uvicorn, in this process, speak TLS as tls.py says."""
    config.create_ssl_context = _create_ssl_context  # type: ignore[assignment]  # uvicorn calls it by names


def _create_ssl_context(**given: Any) -> Context:
    """Do what uvicorn's function does, but end the server if a file that was good at its start is not any more."""
    try:
        return make_context(Options(**{name: given[name] for name in Options._fields}))
    except BadCertificate as error:
        end_server(str(error))
