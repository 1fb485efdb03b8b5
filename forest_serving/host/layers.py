"""Layers around the gateway that a setting may ask for: CORS, tracing."""

from typing import Any

from starlette.middleware.cors import CORSMiddleware

from forest_serving.settings import Settings

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Prefer", "X-Request-ID")
_TOLD = (
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "Server-Timing",
    "X-Model-Version",
    "X-Request-ID",
)


def with_layers(app: Any, settings: Settings, service_name: str) -> Any:
    """Return an application with those layers around it that the settings ask for."""
    if settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_TOLD,
        )
    if settings.otlp_endpoint:
        from forest_serving.monitoring.tracing import Traced

        app = Traced(app, service_name)
    return app
