"""Print a page of the reference, in Markdown, made from code: python -m tools.reference settings|metrics|errors|commands."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from forest_serving import settings_command, text_tables
from forest_serving.__main__ import COMMANDS
from forest_serving.card import N_DECILES, Card, Category, Feature
from forest_serving.command_line import run
from forest_serving.errors import ForestError, RequestError
from forest_serving.monitoring.counts import DURATION_BOUNDS_S, empty, no_counts
from forest_serving.monitoring.exposition import Exposition

ROOT = Path(__file__).parent.parent
WIDTH = "100"  # of the help texts, in characters
CARD = Card(
    name="any",
    features=(Feature(name="width", deciles=(0.0,) * N_DECILES),),
    classes=(Category(label=0, name="any"),),
    example=(0.0,),
    engine="decision_table",
    engine_sha256="",
    forest="",
    proof="",
)
SERVICE_LABELS = ("runner_name", "service_name", "service_version")
MODEL_FACTS = ("tag", "engine", "sha256", "accuracy")


def metrics() -> str:
    """Return the table of metrics: those that one refused request shows."""
    counts = no_counts(CARD, 1)
    counts.durations_s, counts.refusals = {"/": {400: empty(DURATION_BOUNDS_S)}}, {"any": 1}
    labels, facts = dict.fromkeys(SERVICE_LABELS, ""), dict.fromkeys(MODEL_FACTS, "")
    rows = []
    for family in Exposition(CARD, labels, facts, lambda: counts, None).collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labelled = ", ".join(f"`{label}`" for label in family.samples[0].labels if label != "le")
        rows.append((f"`{name}`", family.type, labelled, family.documentation))
    return text_tables.markdown(("metric", "type", "labels", "meaning"), rows)


def errors() -> str:
    """Return the table of errors: what a client gets, then what whoever operates the service is told."""
    kinds = list(_kinds(ForestError))
    refusals = ((f"`{kind.__name__}`", str(kind.status), _doc(kind)) for kind in kinds if issubclass(kind, RequestError))
    others = ((f"`{kind.__name__}`", _doc(kind)) for kind in kinds if not issubclass(kind, RequestError))
    return "\n\n".join(
        (
            "## Refused requests",
            text_tables.markdown(("error", "status", "meaning"), refusals),
            "## Commands that fail",
            text_tables.markdown(("error", "meaning"), others),
        )
    )


def _kinds(base: type[ForestError]) -> Iterator[type[ForestError]]:
    """Yield the errors below a class that have none below themselves."""
    ...


def commands() -> str:
    """Return the help of every command."""
    ...
