"""Evidently, which compares two samples of a column. Usage: evidently_client.py FILE.

FILE holds a list of {"reference": values, "current": values, "kind": "categories" or "numbers", "method": its name}.
The result is a list of what each method says: a PSI, or a p-value.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402 - what it imports warns
from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.metrics import ValueDrift  # noqa: E402

COLUMNS = {"categories": "categorical_columns", "numbers": "numerical_columns"}


def dataset(values, kind):
    """Return a column as Evidently takes it."""
    values = [str(value) for value in values] if kind == "categories" else values
    return Dataset.from_pandas(pd.DataFrame({"x": values}), DataDefinition(**{COLUMNS[kind]: ["x"]}))


def drift(case):
    """Return what Evidently says of two samples."""
    current, reference = (dataset(case[name], case["kind"]) for name in ("current", "reference"))
    found = Report([ValueDrift(column="x", method=case["method"])]).run(current, reference)
    return float(found.dict()["metrics"][0]["value"])


print(json.dumps([drift(case) for case in json.loads(Path(sys.argv[1]).read_text())]))
