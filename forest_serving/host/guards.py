"""What a worker makes sure of before it answers anybody: requests meet our gateway, on connections of our kind, and
nobody else commands the supervisor.

BentoML and uvicorn offer no place for either, so behind_gateway.py, uvicorn_connection.py and control.py put them in by
overriding. Should an upgrade go round that, they would be gone in silence; instead the server ends, with one sentence.
"""

import asyncio
import os
import signal
import sys
from typing import Any, NoReturn

import uvicorn

from forest_serving.host.bentoml_program import CLOSED_VARIABLE, REMEDY, SUPERVISOR_VARIABLE, is_worker
from forest_serving.host.uvicorn_connection import Connection
from forest_serving.http.gateway import Gateway

WITHOUT_GATEWAY = "This server would answer without its keys and limits, so it does not start: {}. " + REMEDY
COMMANDED = "Others on this machine might command this server, so it does not start: nobody made sure. " + REMEDY


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
    if not has_gateway(config.loaded_app):
        return "BentoML serves an application without the gateway"
    if not issubclass(config.http_protocol_class, Connection):
        return f"uvicorn takes connections of the kind {config.http_protocol_class.__name__}"
    return ""


def uvicorn_config() -> uvicorn.Config | None:
    """Return the settings of the server that runs in this event loop; the task that runs it is all that knows them."""
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        owner = frame.f_locals.get("self") if frame else None
        if isinstance(owner, uvicorn.Server):
            return owner.config
    return None


def has_gateway(app: Any) -> bool:
    """Return whether an application is our gateway, or layers around it."""
    while app is not None and not isinstance(app, Gateway):
        app = getattr(app, "app", None)
    return app is not None


def end_server(sentence: str) -> NoReturn:
    """Say a sentence and end, and the supervisor too, which would start another worker just like this one."""
    print(sentence, file=sys.stderr, flush=True)
    if os.environ.get(SUPERVISOR_VARIABLE) == str(os.getppid()):
        os.kill(os.getppid(), signal.SIGQUIT)
    os._exit(1)  # an exception here would be a traceback in uvicorn's log
