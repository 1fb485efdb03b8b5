"""Traces, if they are switched on: one span for each request, sent to an OTLP collector."""

from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class Traced:
    """An ASGI application whose requests are traced.

    The collector's address, and anything else about the export, is in the standard OTEL_ environment variables.

    Args:
        app: the application.
        service_name: what the spans say they come from.
    """

    def __init__(self, app: Any, service_name: str) -> None:
        self.provider = TracerProvider(resource=Resource.create({"service.name": service_name}))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.app = OpenTelemetryMiddleware(app, tracer_provider=self.provider, exclude_spans=["receive", "send"])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer and trace; send what is left when the server stops."""
        await self.app(scope, receive, send)
        if scope["type"] == "lifespan":
            self.provider.shutdown()
