"""The results of a run as files: server.json, server.md and server.svg."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.server.cost import at_rest_table, peers_table
from benchmarks.server.rounds import CONNECTIONS, MANY_CONNECTIONS, RATE_CAP, RATE_SHARE
from benchmarks.server.rows import N_ALONE, N_AT_SPLITS, N_IN_RANGE
from benchmarks.server.table import breakdown_table, growth_tables, versions_list

METHOD = """\
One worker each, all serving the same forest of 100 trees. Server and load generator share the machine; nothing is
pinned to cores. Medians of {rounds} rounds in which the servers take turns, {seconds:g} s for each load; ratios are
medians of each round's ratio. server.json has every round.

- Requests: {in_range:,} distinct bodies of one row, over connections that are kept alive where the server keeps them.
- CPU µs/req: user and system time of all processes of the server, by the operating system's account, over
  c={connections}. It is the first figure, as the load generator cannot be its limit.
- req/s: closed loop over c connections. generator, µs/req: what the generator's one thread used for each request; where
  that times req/s comes near a million, or the machine has no core left for it, req/s is the generator's.
- p50, c=1, p99, c={connections} and c={many}: ms, in the same closed loops.
- At a fixed rate: {share:.0%} of the server's own req/s at c={connections}, at most {cap:,}; a latency counts from when
  the request was due. The rates differ, so latencies compare servers that are equally busy, not equally fast. p99.9
  needs 1,000 requests a round. late: by how much the generator itself was late at worst.
- memory: resident, all processes, after the load; pages shared by two processes count twice. ready: from the start of
  the command to the first answer.
- A closer look: "×" is the ratio to the case named under "beside", in rows where requests hold different numbers.
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
        many=MANY_CONNECTIONS,
        share=RATE_SHARE,
        cap=RATE_CAP,
    )
    parts = {
        "What a request costs": peers_table(results["peers"]) + "\n![The same as a chart](server.svg)\n",
        "At a fixed rate, and at rest": at_rest_table(results["peers"]),
        "Where the time of one request goes": breakdown_table(results["breakdown"]),
        **growth_tables(results["growth"]),
        "Method": method,
        "Machine": facts + "\n",
        "Packages": versions_list(results["peers"]),
    }
    title = '# Server benchmark\n\nWritten by "make bench"; do not edit. What the words mean: ../README.md.\n'
    return "\n".join([title, *(f"## {heading}\n\n{part}" for heading, part in parts.items())])
