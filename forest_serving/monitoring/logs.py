"""One line of JSON for a request that failed, was refused or was slow. Never its body, query or key."""

import logging
import sys
from typing import Any

import msgspec
from pythonjsonlogger.msgspec import MsgspecFormatter

from forest_serving.monitoring.line_limit import SUMMARY_S, LineLimit
from forest_serving.monitoring.outcome import Asked, Client, Outcome

REQUESTS = logging.getLogger("forest_serving.requests")
TEXT_BYTES = 200  # what a stranger sends must not fill the disk
TRACEBACK_BYTES = 16_000


class _Formatter(MsgspecFormatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Return a traceback, of a very long one the beginning and the end."""
        text = str(super().formatException(ei))
        end = shortened(text[::-1], TRACEBACK_BYTES // 2)[::-1]
        begin = shortened(text[: len(text) - len(end)], TRACEBACK_BYTES // 2)
        return begin + end


def set_up() -> None:
    """Write the lines to stderr; limit uvicorn's, and spare it making some that BentoML's settings drop."""
    logging.getLogger("uvicorn.access").propagate = False  # uvicorn asks only whether any handler would see them
    errors = logging.getLogger("uvicorn.error")
    errors.propagate = not errors.handlers  # BentoML sets it up to write each line twice
    errors.addFilter(_is_worth_a_line)
    if not REQUESTS.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Formatter([], timestamp="time", rename_fields={"exc_info": "exception"}))
        REQUESTS.addHandler(handler)
        REQUESTS.setLevel(logging.INFO)
        REQUESTS.propagate = False


def log_request(request: Asked, client: Client, request_id: bytes, outcome: Outcome, duration_s: float) -> None:
    """Log one request.

    Args:
        request: its method and path.
        client: is asked for the client's address.
        request_id: as in X-Request-ID.
        outcome: what was replied.
        duration_s: from the request's header to the reply.
    """
    level = _level(outcome.reason, outcome.fault)
    fields = {
        "level": logging.getLevelName(level).lower(),
        "request_id": request_id.decode(),
        "client": shortened(client(request.fields)),
        "method": shortened(request.method),
        "path": shortened(request.path),
        "status": outcome.status,
        "duration_s": round(duration_s, 6),
        "reason": outcome.reason,
    }
    REQUESTS.log(level, fields, exc_info=outcome.fault)


def log_some(request: Asked, client: Client, request_id: bytes, outcome: Outcome, duration_s: float) -> None:
    """Log one request, unless it is one of many of its kind; a fault always."""
    if outcome.fault or LIMIT.allows((outcome.status, outcome.reason)):
        log_request(request, client, request_id, outcome, duration_s)


def shortened(text: str, max_bytes: int = TEXT_BYTES) -> str:
    """Return the beginning of a text whose JSON, without the quotes, has at most max_bytes bytes."""
    text = text[:max_bytes].encode("utf-8", "replace").decode()  # JSON in UTF-8 knows no lone surrogates
    if len(msgspec.json.encode(text)) - 2 <= max_bytes:
        return text
    n_bytes = 0
    for position, character in enumerate(text):
        n_bytes += len(msgspec.json.encode(character)) - 2
        if n_bytes > max_bytes:
            return text[:position]
    return text


def _level(reason: str, fault: Exception | None = None) -> int:
    return logging.ERROR if fault else logging.WARNING if reason else logging.INFO


def _sum_up(kind: tuple[int, str] | str, n_lines: int) -> None:
    """Log how many requests of a status and for a reason, or lines of uvicorn's, were not logged by themselves."""
    told = {"message": kind} if isinstance(kind, str) else {"status": kind[0], "reason": kind[1]}
    level = _level(str(told.get("reason", kind)))
    REQUESTS.log(
        level,
        {"level": logging.getLevelName(level).lower(), **told, "suppressed": n_lines, "period_s": SUMMARY_S},
    )


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Return whether uvicorn's line is to be written: clients cause warnings, such as of a request without sense."""
    return record.levelno != logging.WARNING or LIMIT.allows(str(record.msg))


LIMIT = LineLimit(_sum_up)
