"""Traces, if they are switched on: a span for each request and for each of its stages, sent to an OTLP collector."""

from time import perf_counter, time_ns
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

from forest_serving.stages import MARKS, intervals


class Traced:
    """An ASGI application whose requests are traced.

    The collector's address, and anything else about the export, is in the standard OTEL_ environment variables.

    Args:
        app: the application, which leaves the marks of a request that predicts in its scope.
        service_name: what the spans say they come from.
    """

    def __init__(self, app: Any, service_name: str) -> None:
        self.provider = TracerProvider(resource=Resource.create({"service.name": service_name}))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        app = _TracedStages(app, self.provider.get_tracer(__name__))
        self.app = OpenTelemetryMiddleware(app, tracer_provider=self.provider, exclude_spans=["receive", "send"])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer and trace; send what is left when the server stops."""
        await self.app(scope, receive, send)
        if scope["type"] == "lifespan":
            self.provider.shutdown()


class _TracedStages:
    """An application with a span of each stage of a request, inside the request's own."""

    def __init__(self, app: Any, tracer: Tracer) -> None:
        self.app = app
        self.tracer = tracer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)
        since_ns = time_ns() - int(perf_counter() * 1e9)
        for stage, begin_s, end_s in intervals(scope.get(MARKS, ())):
            span = self.tracer.start_span(stage, start_time=since_ns + int(begin_s * 1e9))
            span.end(since_ns + int(end_s * 1e9))
