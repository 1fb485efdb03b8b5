"""The server benchmark, "make bench": this project beside other ways to serve the same forest. See ../README.md.

forest.py writes what is served, rows.py what is asked; peers.py and install.py say what is compared; running.py,
check.py and load.py start, verify and load one peer; rounds.py lets them take turns; breakdown.py looks inside;
growth.py looks closer, with cases.py, protocols.py and trees.py, whose cases contest.py measures; cost.py, table.py
and chart.py show it all, and report.py writes it.
"""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PEERS = ROOT / "benchmarks" / "peers"
RESULTS = ROOT / "benchmarks" / "results"
