"""One line of JSON for a request that failed, was refused or was slow. Never its body, query or key."""

import logging
import sys
import time
import traceback
from typing import Any

import msgspec

REQUESTS = logging.getLogger("forest_serving.requests")
_TEXT_LIMIT = 200  # what a stranger sends must not fill the disk


class JsonLine(logging.Formatter):
    """Formats a record whose arguments are a mapping."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        fields: dict[str, Any] = {"time": stamp, "level": record.levelname.lower(), **record.__dict__["fields"]}
        if record.exc_info:
            fields["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return msgspec.json.encode(fields).decode()


def set_up() -> None:
    """Write the lines to stderr, and spare uvicorn making lines of its own that BentoML's settings drop."""
    logging.getLogger("uvicorn.access").propagate = False  # uvicorn asks only whether any handler would see them
    if not REQUESTS.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLine())
        REQUESTS.addHandler(handler)
        REQUESTS.setLevel(logging.INFO)
        REQUESTS.propagate = False


def log_request(scope: Any, request_id: bytes, reply: Any, duration_s: float) -> None:
    """Log one request.

    Args:
        scope: its ASGI scope.
        request_id: as in X-Request-ID.
        reply: the gateway's, with its status, reason and fault.
        duration_s: from the request's header to the reply.
    """
    fields = {
        "request_id": request_id.decode(),
        "client": (scope.get("client") or ("",))[0],
        "method": scope["method"][:_TEXT_LIMIT],
        "path": scope["path"][:_TEXT_LIMIT],
        "status": reply.status,
        "duration_s": round(duration_s, 6),
        "reason": reply.reason,
    }
    level = logging.ERROR if reply.fault else logging.WARNING if reply.reason else logging.INFO
    REQUESTS.log(level, "", extra={"fields": fields}, exc_info=reply.fault)
