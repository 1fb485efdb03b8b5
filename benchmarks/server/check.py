"""Whether a server's answers are right: its labels beside those of the forest that it serves."""

import http.client
from collections.abc import Sequence
from typing import Any

from benchmarks.server.rows import Rows
from benchmarks.server.running import Running

TIMEOUT_S = 30


def wrong_labels(server: Running, forest: Any, rows: Rows) -> int | None:
    """Ask for each row by itself; return how many labels are not the forest's, or None if there is nothing to check."""
    if server.peer.fixed_reply:
        return None
    expected = [int(label) for label in forest.predict(rows)]
    return count_wrong(answers(server, [[row] for row in rows]), [[label] for label in expected])


def wrong_in_batch(server: Running, forest: Any, rows: Rows) -> int | None:
    """Ask for all rows in one body; return as wrong_labels."""
    if server.peer.fixed_reply:
        return None
    return count_wrong(answers(server, [rows]), [[int(label) for label in forest.predict(rows)]])


def answers(server: Running, batches: Sequence[Rows]) -> list[list[int]]:
    """Return the labels for each batch of rows, asked over one connection if the server keeps it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_S)
    try:
        return [ask(connection, server, rows) for rows in batches]
    finally:
        connection.close()


def ask(connection: http.client.HTTPConnection, server: Running, rows: Rows) -> list[int]:
    """Return the labels for one batch; none if the server refuses it."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", server.peer.path, server.peer.request(rows), headers)
    response = connection.getresponse()
    reply = response.read()
    return server.peer.labels_in(reply) if response.status == http.client.OK else []


def count_wrong(given: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> int:
    """Return how many expected labels were not given; an answer of another length is wrong altogether."""
    pairs = zip(given, expected, strict=True)
    return sum(
        sum(a != b for a, b in zip(got, want, strict=True)) if len(got) == len(want) else len(want)
        for got, want in pairs
    )
