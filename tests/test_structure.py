"""What the package may know and load. Who may import whom stands in pyproject.toml, and "make lint" checks it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
IRIS = re.compile("iris|flower|sepal|petal|setosa|species", re.IGNORECASE)


def lines_about_iris(folder):
    """Return "file: line" for each line of a folder's files that names a flower."""
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert files
    lines = ((file, line) for file in files for line in file.read_text(errors="replace").splitlines())
    return [f"{file.relative_to(ROOT)}: {line.strip()}" for file, line in lines if IRIS.search(line)]


@pytest.mark.parametrize("folder", ["forest_serving", "tools"])
def test_it_knows_no_flower(folder):
    """Whatever is said about a model comes from its card. The words are also looked for in words such as OverflowError,
    which ArithmeticError can replace, so that everybody can repeat the search with grep."""
    assert lines_about_iris(folder) == []


@pytest.mark.parametrize("package", ["sklearn", "scipy", "pandas", "numpy"])
def test_the_supervisor_loads_nothing_that_only_workers_or_training_need(bentoml_home, package):
    """bentoml serve imports service.py in the process that starts the workers; what it loads is memory spent twice."""
    check = f"import sys, service; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, timeout=60).returncode == 0


def test_service_py_is_read_at_a_glance():
    assert len((ROOT / "service.py").read_text().splitlines()) < 60
    assert len((ROOT / "train_and_save.py").read_text().splitlines()) < 80
