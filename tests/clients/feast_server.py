"""Feast's own feature server with a repository of its own. Usage: feast_server.py FOLDER PORT.

Flowers have ids of text, plants ids that are numbers. There are a flower with a whole row (a17), one with a null
(b3), and a thousand more (f0 …), of which one view lacks f1.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float32, Float64, Int64, String

CONFIGURATION = """\
project: forest
provider: local
registry: registry.db
online_store: {type: sqlite, path: online.db}
offline_store: {type: dask}
entity_key_serialization_version: 3
telemetry: false
"""
NOW = datetime.now(UTC)
NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROWS = {"a17": [5.1, 3.5, 1.4, 0.2], "b3": [6.7, None, 5.2, 2.3]}
N_MORE = 1_000


def table(entity, ids, rows):
    """Return rows with their ids and times."""
    frame = pd.DataFrame(rows, columns=NAMES)
    frame[entity] = ids
    frame["petal_width"] = frame["petal_width"].astype("float32")
    frame["n_petals"] = 3
    frame["colour"] = "blue"
    frame["seen_at"] = NOW - timedelta(hours=1)
    return frame


def view(name, entity, frame, names, ttl):
    """Return a feature view of a table that is stored in a file."""
    file = f"{name}.parquet"
    frame.to_parquet(file)
    types = dict.fromkeys(NAMES, Float64) | {"petal_width": Float32, "n_petals": Int64, "colour": String}
    schema = [Field(name=each, dtype=types[each]) for each in names]
    source = FileSource(name=f"{name} file", path=file, timestamp_field="seen_at")
    return FeatureView(name=name, entities=[entity], schema=schema, source=source, ttl=ttl)


def main():
    """Make the repository, load its online store, and serve."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    (folder / "feature_store.yaml").write_text(CONFIGURATION)
    store = FeatureStore(str(folder))
    flower = Entity(name="flower", join_keys=["flower_id"], value_type=ValueType.STRING)
    plant = Entity(name="plant", join_keys=["plant_id"], value_type=ValueType.INT64)
    many = [f"f{number}" for number in range(N_MORE)]
    flowers = table(
        "flower_id", [*ROWS, *many], [*ROWS.values(), *([number / 8, 3.0, 4.0, 0.1] for number in range(N_MORE))]
    )
    plants = table("plant_id", list(range(-2, 20)), [[5.1, 3.5, 1.4, 0.2]] * 22)
    sepals = view("sepals", flower, flowers, NAMES[:2], timedelta(days=1))
    petals = view(
        "petals", flower, flowers[flowers["flower_id"] != "f1"], [*NAMES[2:], "n_petals", "colour"], timedelta(days=1)
    )
    numbered = view("numbered", plant, plants, NAMES, timedelta(days=1))
    services = [
        FeatureService(name="iris", features=[sepals, petals]),
        FeatureService(name="plants", features=[numbered]),
    ]
    store.apply([flower, plant, sepals, petals, numbered, *services])
    store.materialize(NOW - timedelta(days=7), NOW)
    store.serve("127.0.0.1", port, no_access_log=True)


if __name__ == "__main__":
    main()
