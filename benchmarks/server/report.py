"""The results of a run as files: server.json, server.md and server.svg."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.server.rounds import CONNECTIONS, RATE_CAP, RATE_SHARE
from benchmarks.server.rows import N_ALONE, N_AT_SPLITS, N_IN_RANGE
from benchmarks.server.table import breakdown_table, growth_tables, peers_table, versions_list

METHOD = """\
One worker each, all serving the same forest of 100 trees. Server and load generator share the machine; nothing is
pinned to cores. Medians of {rounds} rounds in which the servers take turns, {seconds:g} s for each load; server.json
has the least and the greatest, too.

- Requests: {in_range:,} distinct bodies of one row, over connections that are kept alive where the server keeps them.
- req/s: wrk, closed loop, one thread, c connections. CPU µs/req: user and system time of all processes of the server,
  over c={connections}.
- p50, c=1 and p99, c=32: ms, as wrk saw them in the same closed loops.
- p50, p99, p99.9: open loop at the rate in the column, {share:.0%} of the server's own req/s at c={connections}, at
  most {cap:,}; a latency counts from when the request was due. The rates differ, so latencies compare servers that are
  equally busy, not equally fast. p99.9 needs 1,000 requests a round.
- memory: resident, all processes, after the load; pages shared by two processes count twice. ready: from the start of
  the command to the first answer.
- wrong labels: of {in_range:,} rows in the range of the data and {at_splits:,} rows at the splits of the trees, each
  set in one body, and {alone} of each again, one a body; the truth is forest.predict.
"""


def write(results: Mapping[str, Any], folder: Path) -> str:
    """Write the three files, and return the Markdown."""
    from benchmarks.server.chart import draw  # needs Matplotlib, which tests do not have

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.json").write_text(json.dumps(results, indent=2) + "\n")
    text = markdown(results)
    (folder / "server.md").write_text(text)
    draw(results, folder / "server.svg")
    return text


def markdown(results: Mapping[str, Any]) -> str:
    """Return the whole report."""
    facts = "\n".join(f"- {name}: {value}" for name, value in results["machine"].items())
    method = METHOD.format(
        rounds=results["rounds"],
        seconds=results["seconds"],
        in_range=N_IN_RANGE,
        at_splits=N_AT_SPLITS,
        alone=N_ALONE,
        connections=CONNECTIONS,
        share=RATE_SHARE,
        cap=RATE_CAP,
    )
    parts = {
        "Servers": peers_table(results["peers"]) + "\n![The same as a chart](server.svg)\n",
        "Where the time of one request goes": breakdown_table(results["breakdown"]),
        **growth_tables(results["growth"]),
        "Method": method,
        "Machine": facts + "\n",
        "Packages": versions_list(results["peers"]),
    }
    title = '# Server benchmark\n\nWritten by "make bench"; do not edit. What the words mean: ../README.md.\n'
    return "\n".join([title, *(f"## {heading}\n\n{part}" for heading, part in parts.items())])
