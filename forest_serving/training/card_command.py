"""python -m forest_serving card: print the card of a stored model, as Markdown."""

import argparse

from forest_serving.errors import OperatorError
from forest_serving.models import store
from forest_serving.models.card_markdown import card_markdown
from forest_serving.settings import read_settings


def main(arguments: list[str]) -> int:
    """Print one model's card; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forest_serving card", description=__doc__)
    parser.add_argument(
        "model", nargs="?", help="its name, or the tag of one version (default: what FOREST_MODEL says)"
    )
    name = parser.parse_args(arguments).model or read_settings().model
    if not name:
        raise OperatorError("Name the model: python -m forest_serving card churn, or FOREST_MODEL=churn.")
    stored = store.read(store.compiled_tag(name))
    print(card_markdown(stored.tag, stored.card), end="")
    return 0
