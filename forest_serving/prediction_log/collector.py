"""Records sent to an OTLP collector, as the signal "logs"."""

import logging
from collections.abc import Iterable, Sequence
from itertools import chain
from time import time_ns

import msgspec
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from forest_serving.prediction_log.records import Record

EVENT = "forest.prediction"


class Collector:
    """An OTLP collector, which the standard OTEL_ variables name.

    Args:
        service_name: what the records say they come from.
    """

    name = "collector"

    def __init__(self, service_name: str) -> None:
        logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)  # we say ourselves what is lost
        self._exporter = OTLPLogExporter()
        self._resource = Resource.create({"service.name": service_name})
        self._scope = InstrumentationScope("forest_serving.prediction_log")

    def prepare(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return records as they are; the thread makes a request of them."""
        return records

    def write(self, prepared: Iterable[Sequence[Record]]) -> None:
        """Send records; raise OSError if the collector does not take them, after the exporter has tried for a while."""
        now_ns, records = time_ns(), chain.from_iterable(prepared)
        batch = [ReadableLogRecord(_record(each, now_ns), self._resource, self._scope) for each in records]
        if self._exporter.export(batch) is not LogRecordExportResult.SUCCESS:
            raise ConnectionError("the OTLP collector does not take them")

    def rest(self) -> None:
        """Do nothing."""


def _record(record: Record, now_ns: int) -> LogRecord:
    return LogRecord(
        timestamp=int(record.time.timestamp() * 1_000_000) * 1_000,
        observed_timestamp=now_ns,
        severity_number=SeverityNumber.INFO,
        severity_text="INFO",
        body=msgspec.to_builtins(record),
        event_name=EVENT,
    )
