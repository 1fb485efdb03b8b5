"""Traces: off unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support import whole
from tests.support.collectors import collecting
from tests.support.servers import copy_of_store, serving

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER_ID = "b7ad6b7169203331"


@pytest.fixture
def collector():
    """Return a collector's URL and the spans that reach it."""
    with collecting("/v1/traces", lambda body: ExportTraceServiceRequest.FromString(body).resource_spans) as found:
        yield found


def stages_of(requests, spans):
    """Return the names of the spans inside each request's, in their order; they may not begin before it or overlap."""
    found = []
    for request in requests:
        inside = sorted((s for s in spans if s.parent_span_id == request.span_id), key=lambda s: s.start_time_unix_nano)
        times = [
            request.start_time_unix_nano,
            *(t for s in inside for t in (s.start_time_unix_nano, s.end_time_unix_nano)),
        ]
        assert times == sorted(times)
        found.append([span.name for span in inside])
    return found


@pytest.mark.parametrize("lane", ["true", "false"])
def test_each_request_is_a_span_of_its_callers_trace_with_its_stages_inside_and_none_is_lost_at_the_end(
    bentoml_home, tmp_path, collector, lane
):
    """Also where a lane is asked for: it would make none."""
    address, resources = collector
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, OTEL_EXPORTER_OTLP_ENDPOINT=address, FOREST_LANE=lane) as url:
        headers = {"traceparent": f"00-{TRACE_ID}-{CALLER_ID}-01"}
        whole.get(f"{url}/model", headers=headers, timeout=5)
        for instances in ([[1, 2, 3, 4]], []):
            whole.post(f"{url}/predict", json={"instances": instances}, headers=headers, timeout=5)
    spans = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    spans = [span for span in spans if span.trace_id.hex() == TRACE_ID]
    requests = [span for span in spans if span.parent_span_id.hex() == CALLER_ID]
    assert [span.name for span in requests] == ["GET /model"] + ["POST /predict"] * 2
    assert stages_of(requests, spans) == [[], ["read", "predict", "write"], ["read"]]
    names = {pair.value.string_value for r in resources for pair in r.resource.attributes if pair.key == "service.name"}
    assert names == {"IrisClassifier"}
