"""One line of JSON for a request that failed, was refused or was slow. Never its body, query or key."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

from pythonjsonlogger.msgspec import MsgspecFormatter

from forest_serving.monitoring.outcome import Outcome

REQUESTS = logging.getLogger("forest_serving.requests")
_TEXT_LIMIT = 200  # what a stranger sends must not fill the disk


def set_up() -> None:
    """Write the lines to stderr, and spare uvicorn making lines of its own that BentoML's settings drop."""
    logging.getLogger("uvicorn.access").propagate = False  # uvicorn asks only whether any handler would see them
    if not REQUESTS.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(MsgspecFormatter([], timestamp="time", rename_fields={"exc_info": "exception"}))
        REQUESTS.addHandler(handler)
        REQUESTS.setLevel(logging.INFO)
        REQUESTS.propagate = False


def log_request(scope: Mapping[str, Any], request_id: bytes, outcome: Outcome, duration_s: float) -> None:
    """Log one request.

    Args:
        scope: its ASGI scope.
        request_id: as in X-Request-ID.
        outcome: what was replied.
        duration_s: from the request's header to the reply.
    """
    level = logging.ERROR if outcome.fault else logging.WARNING if outcome.reason else logging.INFO
    fields = {
        "level": logging.getLevelName(level).lower(),
        "request_id": request_id.decode(),
        "client": (scope.get("client") or ("",))[0],
        "method": scope["method"][:_TEXT_LIMIT],
        "path": scope["path"][:_TEXT_LIMIT],
        "status": outcome.status,
        "duration_s": round(duration_s, 6),
        "reason": outcome.reason,
    }
    REQUESTS.log(level, fields, exc_info=outcome.fault)
