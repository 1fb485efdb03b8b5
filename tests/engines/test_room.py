"""What the engines lean on: errors, the card, the kernel and NumPy, and scikit-learn only where a model is compiled."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import forest_serving.engines

ROOM = Path(forest_serving.engines.__file__).parent
MODULES = {path.stem: path for path in ROOM.glob("*.py") if path.stem != "__main__"}


def imports_of(path):
    """Return the full names of all modules that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return names + [node.module for node in nodes if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_of_the_package_a_module_imports_only_engines_and_what_is_below_them(path):
    allowed = tuple(f"forest_serving.{room}" for room in ("engines", "kernel", "card", "errors"))
    ours = [name for name in imports_of(path) if name.startswith("forest_serving")]
    assert [name for name in ours if not name.startswith(allowed)] == []


def test_reading_and_asking_an_engine_needs_no_scikit_learn():
    """A serving environment does not have it."""
    script = "import sys, forest_serving.engines.archive as a; print('numpy' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "True False\n"
