"""Print a page of the reference, in Markdown, made from code: settings, metrics, errors, commands, open paths."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np
from msgspec.structs import replace
from prometheus_client.core import Metric

from forest_serving import settings_command, text_tables
from forest_serving.__main__ import COMMANDS
from forest_serving.card import N_DECILES, Card, Category, Feature
from forest_serving.command_line import run
from forest_serving.drift.gauges import DriftGauges
from forest_serving.drift.watch import Watch
from forest_serving.drift.window import Window
from forest_serving.errors import ForestError, OperatorError, RequestError
from forest_serving.http.assembly import described_routes
from forest_serving.http.open_places import open_places
from forest_serving.monitoring.counts import DURATION_BOUNDS_S, empty, no_counts, no_feature_counts
from forest_serving.monitoring.exposition import Exposition
from forest_serving.settings import Settings

Kind = TypeVar("Kind", bound=ForestError)
ROOT = Path(__file__).parent.parent
WIDTH = "100"  # of the help texts, in characters
CARD = Card(
    name="any",
    features=(Feature(name="width", deciles=(0.0,) * N_DECILES, counts=(1,) * (N_DECILES - 1)),),
    classes=(Category(label=0, name="any"),),
    example=(0.0,),
    engine="decision_table",
    engine_sha256="",
    forest="",
    proof="",
    provenance={"saved_at": "2020-01-27T00:00:00+00:00"},
)
SERVICE_LABELS = ("runner_name", "service_name", "service_version")
OPEN_WHEN = {
    "always": Settings(docs_open=False),
    "unless `FOREST_DOCS_OPEN=false`": Settings(),
    "where `FOREST_METRICS_OPEN=true`": Settings(docs_open=False, metrics_open=True),
    "where Vertex AI names one": Settings(docs_open=False, vertex_health_route="$AIP_HEALTH_ROUTE"),
}
_PAGES_FILES = re.compile(r"^/ui/[^.]+(\.\w+)$")  # many, and nothing else ends as they do
REGRESSOR = replace(CARD, classes=())
MODEL_FACTS = ("tag", "engine", "sha256", "accuracy")


def metrics() -> str:
    """Return the table of metrics: those that one refused request shows, of a classifier or of a regressor."""
    rows = []
    for family in {family.name: family for card in (CARD, REGRESSOR) for family in _families(card)}.values():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labelled = ", ".join(f"`{label}`" for label in family.samples[0].labels if label != "le")
        rows.append((f"`{name}`", family.type, labelled, family.documentation))
    return text_tables.markdown(("metric", "type", "labels", "meaning"), rows)


def _families(card: Card) -> Iterator[Metric]:
    counts = no_counts(card, 1)
    counts.features = no_feature_counts()
    counts.durations_s, counts.refusals = {"/": {400: empty(DURATION_BOUNDS_S)}}, {"any": 1}
    counts.rows_unlogged = {"any": 1}
    labels, facts = dict.fromkeys(SERVICE_LABELS, ""), dict.fromkeys(MODEL_FACTS, "")
    yield from Exposition(card, labels, facts, lambda: counts, None).collect()
    window = Window((watch := Watch(card, 500, lambda: window.pieces)).columns, 500)
    window.add(np.zeros((500, 1)), np.zeros(500, int))
    yield from DriftGauges(watch.look, card.class_names).collect()


def errors() -> str:
    """Return the table of errors: what a client gets, then what its operator is told."""
    refused = ((f"`{kind.__name__}`", str(kind.status), _meaning(kind)) for kind in _below(RequestError))
    failed = ((f"`{kind.__name__}`", _meaning(kind)) for kind in _below(OperatorError))
    return "\n\n".join(
        (
            "## Refused requests",
            text_tables.markdown(("error", "status", "meaning"), refused),
            "## Commands that fail",
            text_tables.markdown(("error", "meaning"), failed),
        )
    )


def _below(base: type[Kind]) -> Iterator[type[Kind]]:
    """Yield the errors below a class, those below each after it."""
    for kind in base.__subclasses__():
        yield kind
        yield from _below(kind)


def _meaning(kind: type[ForestError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


@cache  # it takes seconds, and the site asks twice
def commands() -> str:
    """Return the help of every command."""
    found = {f"python -m forest_serving {name}": module for name, (module, _) in COMMANDS.items()}
    lines = ["python train_and_save.py", *(line for line, module in found.items() if find_spec(module))]
    return "\n\n".join(f"## `{line}`\n\n```text\n{_help(line)}```" for line in lines)


def _help(line: str) -> str:
    command = [sys.executable, *line.split()[1:], "--help"]
    environ = os.environ | {"COLUMNS": WIDTH, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


def open_without_a_key() -> str:
    """Return the table of what is answered without a key, for a model called NAME, and when."""
    rows, known = [], set[str]()
    for when, settings in OPEN_WHEN.items():
        routes = described_routes(replace(CARD, name="NAME"), "VERSION", settings)
        new = open_places(routes, settings) - known
        known |= new
        methods: dict[str, set[str]] = {}
        for place in new:
            method, _, path = place.partition(" ")
            methods.setdefault(_PAGES_FILES.sub(r"/ui/*\1", path), set()).add(method)
        rows += [(f"`{path}`", ", ".join(sorted(found)), when) for path, found in sorted(methods.items())]
    return text_tables.markdown(("path", "methods", "open"), rows)


PAGES: dict[str, Callable[[], str]] = {
    "settings": settings_command.documented,
    "metrics": metrics,
    "errors": errors,
    "commands": commands,
    "open": open_without_a_key,
}


def main() -> int:
    """Print the page that was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description=__doc__)
    parser.add_argument("page", choices=PAGES)
    print(PAGES[parser.parse_args().page]())
    return 0


if __name__ == "__main__":
    run(main)
