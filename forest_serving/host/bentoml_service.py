"""Where the gateway meets BentoML: in front of its application, with the layers that a setting may add."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from circus.arbiter import Arbiter
from circus.exc import ConflictError
from circus.sighandler import SysHandler

from forest_serving.settings import Settings


def put_in_front(service: Any, make_app: Callable[[Any], Any]) -> Any:
    """Make a BentoML service serve make_app(app) in place of its own app, and return it.

    BentoML offers places for middleware only inside its own layers. Its workers ask the service for the application
    with to_asgi; this overrides that one method, on this one object, by giving it a subclass without further slots.
    """

    class Fronted(type(service)):  # type: ignore[misc]
        __slots__ = ()

        def to_asgi(self, is_main: bool = True) -> Any:
            return make_app(super().to_asgi(is_main=is_main))

    service.__class__ = Fronted
    _leave_at_once_on_ctrl_c()
    _leave_without_tracebacks()
    os.environ.pop("BENTOML_CONTAINERIZED", None)  # its one effect: a dead worker is not replaced, and requests hang
    return service


def _leave_at_once_on_ctrl_c() -> None:
    """Make BentoML's supervisor pass Ctrl-C on to its workers as SIGINT; by itself it sends SIGTERM, which drains."""

    def handle_int(handler: Any) -> None:
        for watcher in handler.controller.arbiter.watchers:
            watcher.stop_signal = signal.SIGINT
        handler.quit()

    SysHandler.handle_int = handle_int


def _leave_without_tracebacks() -> None:
    """Keep quiet when the supervisor's look at its workers, every 10 s, falls into a stop; Circus logs a traceback."""
    look = Arbiter.manage_watchers

    def look_unless_stopping(arbiter: Any) -> Any:
        with suppress(ConflictError):
            return look(arbiter)
        return None

    Arbiter.manage_watchers = look_unless_stopping


def with_layers(app: Any, settings: Settings, service_name: str) -> Any:
    """Return an application with those layers around it that the settings ask for: CORS, tracing."""
    if settings.cors_origins:
        from starlette.middleware.cors import CORSMiddleware

        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Model-Version", "X-Request-ID", "Retry-After"],
        )
    if settings.otlp_endpoint:
        from forest_serving.monitoring.tracing import Traced

        app = Traced(app, service_name)
    return app
