"""The guide to sources does what it says: its URLs can be opened, its view be made, its source be served."""

import asyncio
import json
import re
import shlex
import sqlite3

import pytest
import requests

from forest_serving.features.choice import open_features
from forest_serving.features.postgres_source import PostgresSource
from forest_serving.settings import read_settings
from tests.docs.pages import ROOT, blocks
from tests.support.postgres_servers import postgres
from tests.support.servers import copy_of_store, serving
from tests.support.sources import fetched

BLOCKS = blocks(ROOT / "docs/guides/feature-sources.md")
EXPORTS = [shlex.split(block.text)[1:] for block in BLOCKS if block.text.startswith("export ")]
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


def block(start):
    """Return the text of the block that begins so."""
    (text,) = [block.text for block in BLOCKS if block.text.startswith(start)]
    return text


@pytest.mark.parametrize("variables", EXPORTS, ids=lambda each: re.sub(r"\W+", "-", each[0]))
def test_a_url_can_be_opened(variables):
    async def run():
        await open_features(read_settings(dict(each.split("=", 1) for each in variables))).close()

    asyncio.run(run())


def test_the_view_has_the_models_names():
    with postgres() as server:
        server.psql(
            "CREATE USER reader PASSWORD 'secret'; CREATE SCHEMA crm;"
            "CREATE TABLE crm.flowers (flower_id text PRIMARY KEY, sepal_cm float8, sepal_width float8);"
            "CREATE TABLE crm.petals (flower_id text PRIMARY KEY, petal_length float8, petal_width float8);"
            "INSERT INTO crm.flowers VALUES ('a17', 5.1, 3.5), ('gap', 5.1, 3.5);"
            "INSERT INTO crm.petals VALUES ('a17', 1.4, 0.2), ('gap', 'NaN', 0.2)"
        )
        server.psql(block("CREATE VIEW"))
        flower, gap = fetched(PostgresSource(server.url(user="reader:secret")), ["a17", "gap"])
    assert flower == {"id": "a17"} | FLOWER
    assert gap["petal_length"] is None


def test_a_source_of_ones_own_is_served(bentoml_home, tmp_path):
    (tmp_path / "flowers.py").write_text(block("# flowers.py"))
    (variable, *_) = shlex.split(block("FOREST_FEATURES="))
    with sqlite3.connect(tmp_path / "flowers.db") as database:
        database.execute("CREATE TABLE flowers (id TEXT PRIMARY KEY, features TEXT)")
        database.execute("INSERT INTO flowers VALUES (?, ?)", ("a17", json.dumps(FLOWER)))
    database.close()
    home = copy_of_store(bentoml_home, tmp_path / "home")
    features = variable.partition("=")[2].replace("?", f"?{tmp_path}/")
    with serving(home=home, PYTHONPATH=str(tmp_path), FOREST_FEATURES=features) as url:
        reply = requests.post(f"{url}/predict?missing=null", json={"ids": ["a17", "'"]}, timeout=30)
    assert reply.json() == {"predictions": [0, None]}
