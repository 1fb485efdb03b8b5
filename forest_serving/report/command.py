"""python -m forest_serving report LOG: one file of HTML that says what a prediction log shows."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from forest_serving.report.findings import find
from forest_serving.report.page import page
from forest_serving.report.verdict import verdict


def main(arguments: Sequence[str]) -> int:
    """Write the report; return the exit code."""
    options = _parser().parse_args(arguments)
    found = find(options.log, options.model, options.labels)
    text = page(found)
    options.output.write_text(text, encoding="utf-8")
    told = verdict(found.card, found.look, found.scores)
    print(f"{told.head} {told.why}")
    print(f"report of {found.total.n_rows:,} rows: {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forest_serving report",
        description="Write what a prediction log shows: answers over time, features beside the training data, drift,"
        " the slowest requests, the oddest rows, and whether to train anew.",
    )
    parser.add_argument("log", type=Path, help="the folder of the log, or one of its files")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="what was true: columns request_id, label and row")
    parser.add_argument("--model", default="", metavar="NAME", help="the model, should the log have several")
    parser.add_argument("--output", type=Path, default=Path("report.html"), metavar="HTML", help="default: report.html")
    return parser
