"""What a worker makes sure of before it answers anybody: requests meet our gateway, on connections of our kind, and
nobody else commands the supervisor.

BentoML and uvicorn offer no place for either, so behind_gateway.py, uvicorn_connection.py and control.py put them in by
overriding. Should an upgrade go round that, they would be gone in silence; instead the server ends, with one sentence.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import uvicorn

from forest_serving.errors import OperatorError
from forest_serving.host.bentoml_program import CLOSED_VARIABLE, REMEDY, SUPERVISOR_VARIABLE, is_worker
from forest_serving.host.tls import Context
from forest_serving.host.uvicorn_connection import Connection
from forest_serving.host.uvicorn_lane import LaneConnection
from forest_serving.http.gateway import Gateway
from forest_serving.monitoring import output

WITHOUT_GATEWAY = "This server would answer without its keys and limits, so it does not start: {}. " + REMEDY
COMMANDED = "Others on this machine might command this server, so it does not start: nobody made sure. " + REMEDY
REMEDY_FOR_MODELS = "Train it again, or choose another with FOREST_MODEL."


def check_worker() -> None:
    """End the server unless this worker's requests will meet the gateway, and its supervisor is closed to others.

    To be called in a worker's event loop.
    """
    if not is_worker():
        return
    if fault := find_fault(uvicorn_config()):
        end_server(WITHOUT_GATEWAY.format(fault))
    if os.environ.get(CLOSED_VARIABLE) != str(os.getppid()):
        end_server(COMMANDED)


def find_fault(config: uvicorn.Config | None) -> str:
    """Return what is wrong with how uvicorn is about to serve, or nothing."""
    if config is None:
        return "uvicorn's settings cannot be found"
    gateway, connection = gateway_of(config.loaded_app), config.http_protocol_class
    if gateway is None:
        return "BentoML serves an application without the gateway"
    if not issubclass(connection, Connection):
        return f"uvicorn takes connections of the kind {connection.__name__}"
    if issubclass(connection, LaneConnection) and connection.lane.gateway is not gateway:
        return "its connections ask another gateway"
    if not isinstance(config.ssl, Context | None):
        return "uvicorn's own TLS is in force, with its old ciphers"
    return ""


def uvicorn_config() -> uvicorn.Config | None:
    """Return the settings of the server that runs in this event loop."""
    server = uvicorn_server()
    return server.config if server else None


def uvicorn_server() -> uvicorn.Server | None:
    """Return the server that runs in this event loop; the task that runs it is all that knows it."""
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        owner = frame.f_locals.get("self") if frame else None
        if isinstance(owner, uvicorn.Server):
            return owner
    return None


def gateway_of(app: Any) -> Gateway | None:
    """Return the gateway that an application is, or layers are around; None if there is none."""
    while app is not None and not isinstance(app, Gateway):
        app = getattr(app, "app", None)
    return app


@contextmanager
def ending_the_server(failure: str) -> Iterator[None]:
    """End the server if a worker cannot start, which another could not either; elsewhere let errors pass.

    Args:
        failure: what to say of an error that is no sentence by itself.
    """
    try:
        yield
    except OperatorError as error:
        if not is_worker():
            raise
        end_server(str(error))
    except Exception as error:
        if not is_worker():
            raise
        end_server(f"{failure} ({type(error).__name__}: {error}). {REMEDY_FOR_MODELS}")


def end_server(sentence: str) -> NoReturn:
    """Say a sentence and end, and the supervisor too, which would start another worker just like this one."""
    print(sentence, file=sys.stderr)
    output.wait_until_written()
    if os.environ.get(SUPERVISOR_VARIABLE) == str(os.getppid()):
        os.kill(os.getppid(), signal.SIGQUIT)
    os._exit(1)  # an exception here would be a traceback in uvicorn's log
