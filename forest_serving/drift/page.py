"""GET /drift."""

from collections.abc import Callable
from typing import Any

from forest_serving.drift.report import DriftReport, report_of
from forest_serving.drift.watch import Look
from forest_serving.protocols.endpoint import Doc, Endpoint, Protocol, Reply, encode
from forest_serving.protocols.schemas import schema_of

NAME = "Drift"
PLACE = "GET /drift"


def drift_page(look: Callable[[], Look], of_rows: int) -> Protocol:
    """Return what answers GET /drift.

    Args:
        look: returns what there is to see.
        of_rows: how many rows the window has once it is full.
    """
    doc = Doc("Whether the latest rows look like the training data", reply_schema=drift_schema())
    respond = Endpoint(lambda headers, body: Reply(encode(report_of(look(), of_rows))), doc=doc)
    return Protocol(NAME, {PLACE: respond})


def drift_schema() -> dict[str, Any]:
    """Return the schema of the reply."""
    return schema_of(DriftReport)
