"""What the server may do with a hostile request, and which lines of its log show that one did harm."""

import json
import re

from tests.support.wire import GOOD, ask

PLAIN = "uvicorn's plain 400, and the end of the connection"  # it answers by itself what it cannot parse
HEADERS = ("x-model-version", "x-request-id")  # of every reply
REFUSALS = {400, 401, 404, 405, 406, 408, 413, 414, 415, 429, 431, 503}  # every status that a client can bring about


def is_plain(reply):
    """Return whether uvicorn refused by itself."""
    kind, end = reply.headers.get("content-type", ""), reply.headers.get("connection")
    return (reply.status, kind.partition(";")[0], end) == (400, "text/plain", "close")


def faults_of(reply):
    """Return what is wrong with a reply of the gateway: its headers, and the form of an error."""
    faults = [f"no {name}" for name in HEADERS if not reply.headers.get(name)]
    if reply.status == 200:
        return faults
    if reply.status not in REFUSALS:
        faults.append(f"status {reply.status}")
    return faults + faults_of_error(reply.body)


def faults_of_error(body):
    """Return what is wrong with an error's body: not our JSON, no sentence, or something hostile echoed."""
    try:
        error = json.loads(body)
        sentence, places = error["error"], [(place["loc"], place["msg"]) for place in error["detail"]]
        named = "".join(part for loc, _ in places for part in loc if isinstance(part, str))
    except (ValueError, KeyError, TypeError):
        return [f"not our JSON: {body[:80]!r}"]
    wrong = {
        "no sentence": not sentence.endswith((".", "?")),
        "echoes too much": len(body) > 1000,
        "echoes control characters": bool(re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", sentence + named)),
        "message and place differ": any(message != sentence for _, message in places),
    }
    return [fault for fault, is_so in wrong.items() if is_so]


def verdict(replies):
    """Return what a connection's replies amount to: a status with our JSON, PLAIN, or a description of the fault."""
    if len(replies) != 1:
        return f"{len(replies)} replies"
    (reply,) = replies
    if is_plain(reply):
        return PLAIN
    return "; ".join(faults_of(reply)) or reply.status


def answers(url):
    """Return whether a good request on a new connection is answered."""
    return [reply.body for reply in ask(url, GOOD)] == [b'{"predictions":[0]}']


def is_harm(line):
    """Return whether a line of the log, in BentoML's form or in the gateway's, shows an error or belongs to one."""
    return bool(
        re.search(r'\[(ERROR|CRITICAL)\]|"level":"(error|critical)"|Traceback|^[\w.]*(Error|Exception)\b', line)
    )
