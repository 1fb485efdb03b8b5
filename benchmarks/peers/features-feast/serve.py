"""Fill Feast's online store, start its feature server, and the application that asks it.

Usage: serve.py PORT FEAST_PORT ROWS FOLDER, where ROWS is a JSON file of {id: [numbers]}.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
CONFIGURATION = """\
project: forest
provider: local
registry: registry.db
online_store: {type: sqlite, path: online.db}
entity_key_serialization_version: 3
telemetry: false
"""
START_S = 60


def fill(folder: Path, rows: dict[str, list[float]]) -> None:
    """Make a repository with one view, and load its online store, which is SQLite, as in the tutorial."""
    (folder / "feature_store.yaml").write_text(CONFIGURATION)
    now = datetime.now(UTC)
    table = pd.DataFrame(list(rows.values()), columns=NAMES)
    table["flower_id"], table["seen_at"] = list(rows), now - timedelta(hours=1)
    table.to_parquet(folder / "flowers.parquet")
    source = FileSource(name="file", path=str(folder / "flowers.parquet"), timestamp_field="seen_at")
    flower = Entity(name="flower", join_keys=["flower_id"], value_type=ValueType.STRING)
    schema = [Field(name=name, dtype=Float64) for name in NAMES]
    view = FeatureView(name="flowers", entities=[flower], schema=schema, source=source, ttl=timedelta(days=1))
    store = FeatureStore(str(folder))
    store.apply([flower, view])
    store.materialize(now - timedelta(days=2), now)


def wait_until_healthy(port: str) -> None:
    """Return once the feature server answers."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> None:
    """Serve until told to stop."""
    port, feast_port, rows, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    folder.mkdir(exist_ok=True)
    fill(folder, json.loads(rows.read_text()))
    feast = [Path(sys.executable).with_name("feast"), "-c", folder, "serve", "-h", "127.0.0.1", "-p", feast_port]
    app = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", port, "--no-access-log"]
    servers = [subprocess.Popen([*feast, "--no-access-log"], cwd=folder)]
    signal.signal(signal.SIGTERM, lambda *_: [server.terminate() for server in servers])
    wait_until_healthy(feast_port)
    servers.append(subprocess.Popen(app, env=os.environ | {"FEAST_PORT": feast_port}))
    for server in servers:
        server.wait()


if __name__ == "__main__":
    main()
