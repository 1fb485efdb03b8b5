"""The arrows of docs/architecture.md: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {
    ".".join(file.relative_to(ROOT / "forest_serving").with_suffix("").parts): file
    for file in (ROOT / "forest_serving").rglob("*.py")
}


def imports(file):
    """Return the full names that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", ["sklearn", "scipy", "pandas", "numpy"])
def test_the_supervisor_loads_nothing_that_only_workers_or_training_need(bentoml_home, package):
    """bentoml serve imports service.py in the process that starts the workers; what it loads is memory spent twice."""
    check = f"import sys, service; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, timeout=60).returncode == 0


def test_service_py_is_read_at_a_glance():
    assert len((ROOT / "service.py").read_text().splitlines()) < 80
    assert len((ROOT / "train_and_save.py").read_text().splitlines()) < 60
