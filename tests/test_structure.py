"""The arrows of docs/architecture.md: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASE = {"schema", "errors"}
# Module → the modules of the package that it may import. "engines" and "protocols" stand for all files of the folder.
MAY_IMPORT = {
    "__init__": set(),
    "schema": set(),
    "errors": set(),
    "settings": BASE,
    "parsing": BASE,
    "command_line": BASE,
    "engines": BASE | {"engines"},
    "engines.__main__": BASE | {"engines", "command_line", "model_store", "settings"},
    "served_model": {"schema", "engines", "written_answers"},
    "written_answers": {"schema", "engines"},
    "model_store": BASE | {"engines", "served_model"},
    "dataset": BASE,
    "training": {"schema", "dataset"},
    "report": {"schema"},
    "provenance": {"schema", "dataset", "training"},
    "many_rows": {"schema"},
    "endpoint": {"errors"},
    "json_body": BASE | {"settings"},
    "columns": BASE | {"json_body", "many_rows", "parsing", "settings"},
    "csv_rows": BASE | {"columns", "many_rows", "settings"},
    "tensors": BASE | {"settings"},
    "npy": BASE | {"settings", "tensors"},
    "schemas": {"schema"},
    "inference_inputs": BASE | {"columns", "json_body", "many_rows", "settings", "tensors"},
    "protocols": BASE
    | {
        "columns",
        "csv_rows",
        "endpoint",
        "inference_inputs",
        "json_body",
        "many_rows",
        "negotiation",
        "npy",
        "parsing",
        "schemas",
    }
    | {"settings", "tensors"},
    "shared_paths": {"csv_rows", "endpoint", "negotiation"},
    "bodies": {"endpoint", "errors", "settings"},
    "draining": set(),
    "http_protocol": {"http_reply"},
    "http_reply": set(),
    "memory": set(),
    "keys": {"errors"},
    "negotiation": {"errors"},
    "monitoring": {"monitoring", "settings"},
    "gateway": {"bodies", "draining", "endpoint", "errors", "keys", "monitoring", "negotiation", "settings"},
    "openapi": BASE | {"endpoint", "schemas"},
    "routes": {"schema", "endpoint", "monitoring", "openapi", "protocols", "settings", "shared_paths", "tensors"},
    "front": {"monitoring", "settings"},
    "worker": {"front", "gateway", "http_protocol", "memory", "monitoring", "routes", "schema"}
    | {"served_model", "settings"},
}
# Package → the only modules that may import it.
ONLY_IN = {
    "bentoml": {"model_store"},
    "sklearn": {"dataset", "training", "engines.oracle"},
    "pandas": {"dataset"},
    "scipy": {"training"},
    "circus": {"front"},
    "opentelemetry": {"monitoring.tracing"},
    "prometheus_client": {"monitoring.exposition"},
    "simdjson": {"many_rows"},
    "starlette": {"front"},
    "uvicorn": {"http_protocol", "http_reply", "worker"},
    "pickle": set(),
    "joblib": set(),
}
FILES = {
    ".".join(file.relative_to(ROOT / "iris_serving").with_suffix("").parts): file
    for file in (ROOT / "iris_serving").rglob("*.py")
}


def imports(file):
    """Return the full names that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module):
    """Return the key of MAY_IMPORT that a module falls under."""
    return module if module in MAY_IMPORT else module.partition(".")[0]


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_what_its_arrows_allow(module):
    names = [name.split(".") for name in imports(FILES[module]) if name.startswith("iris_serving.")]
    assert {name[1] for name in names} - {"__version__"} <= MAY_IMPORT[room(module)]


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package):
    users = {module for module, file in FILES.items() if package in {name.split(".")[0] for name in imports(file)}}
    assert users <= ONLY_IN[package]


def test_protocols_do_not_import_one_another():
    for module, file in FILES.items():
        if module.startswith("protocols."):
            assert not any(name.startswith("iris_serving.protocols") for name in imports(file))


@pytest.mark.parametrize("package", ["sklearn", "scipy", "pandas", "numpy"])
def test_the_supervisor_loads_nothing_that_only_workers_or_training_need(bentoml_home, package):
    """bentoml serve imports service.py in the process that starts the workers; what it loads is memory spent twice."""
    check = f"import sys, service; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, timeout=60).returncode == 0


def test_service_py_is_read_at_a_glance():
    assert len((ROOT / "service.py").read_text().splitlines()) < 80
    assert len((ROOT / "train_and_save.py").read_text().splitlines()) < 60
