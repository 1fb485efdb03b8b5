"""FOREST_FEATURES chooses a source, and what cannot be one is told in a sentence."""

import asyncio
import sys

import pytest

from forest_serving.errors import BadSetting
from forest_serving.features.choice import open_features
from forest_serving.features.fetching import Fetching
from forest_serving.features.local import MOST_AT_ONCE, LocalFeatures
from forest_serving.features.redis_source import RedisSource
from forest_serving.settings import read_settings
from tests.features.made_up import found
from tests.support.supervised import supervised

OWN = """
class Squares:
    def __init__(self, url):
        self.url = url

    def look_up(self, ids):
        return [b"%d" % int(id) ** 2 for id in ids]

    def close(self):
        self.closed = True


class Stuck:
    def __init__(self, url):
        pass

    def look_up(self, ids):
        return [None] * len(ids)

    def close(self):
        raise RuntimeError("cannot be closed")


class Broken:
    def __init__(self, url):
        raise KeyError("no table")


def nothing(url):
    return None
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Be in a folder that holds a user's module, and return its name."""
    (tmp_path / "own_features.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield "own_features"
    sys.modules.pop("own_features", None)


def opened(text, **variables):
    return open_features(read_settings({"FOREST_FEATURES": text, **variables}))


def test_nothing_is_opened_unless_it_is_asked_for():
    assert opened("") is None


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://:password@localhost:6380/1", "unix:///run/redis.sock"])
def test_redis_is_asked_only_with_the_first_request(url):
    features = opened(url)
    assert isinstance(features, Fetching)
    assert isinstance(features.source, RedisSource)


def test_a_source_of_one_s_own_is_asked(own):
    features = opened(f"python:{own}:Squares?table=x")
    assert isinstance(features, LocalFeatures)
    assert features.source.url == "python:own_features:Squares?table=x"
    assert features.find(["3"]) == [b"9"]
    asyncio.run(features.close())
    assert features.source.closed


def test_a_source_of_one_s_own_that_cannot_be_closed_holds_up_no_end(own):
    asyncio.run(opened(f"python:{own}:Stuck").close())


def test_many_ids_of_a_local_source_are_looked_up_in_turns(own):
    features = opened(f"python:{own}:Squares")
    assert asyncio.run(found(features, *map(str, range(1_201)))) == [b"%d" % n**2 for n in range(1_201)]
    assert (len(features.find(["1"] * MOST_AT_ONCE)), features.tally.ids["fetched"]) == (MOST_AT_ONCE, 1_401)


def test_a_local_source_that_fails_is_told_as_one_that_waits(own, caplog):
    features = opened(f"python:{own}:Squares")
    assert asyncio.run(found(features, "no number")) == "SourceDown"
    assert caplog.records[0].exc_info
    assert not features.tally.is_up


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("own_features:Missing", r"own_features:Missing fails \(AttributeError: .*\)\."),
        ("own_featurse:Squares", r"own_featurse:Squares fails \(ModuleNotFoundError: .*\)\."),
        ("own_features:Broken", r"own_features:Broken fails \(KeyError: 'no table'\)\."),
        ("own_features:nothing", r"own_features:nothing returns neither fetch nor look_up\."),
    ],
)
def test_a_source_of_one_s_own_that_fails_is_told_in_a_sentence(own, text, sentence):
    with pytest.raises(BadSetting, match=f"^FOREST_FEATURES cannot be used: {sentence}"):
        opened(f"python:{text}")


@pytest.mark.parametrize(
    "text", ["mysql://localhost/x", "redis:// localhost", "python:x", "python:a b:c", "://host", "a\0b"]
)
def test_what_is_no_source_is_refused_by_its_text_alone(text):
    with pytest.raises(BadSetting, match=r"^FOREST_FEATURES must be (the path|python:)") as refused:
        opened(text)
    assert text not in str(refused.value)  # it may hold a password


@pytest.mark.parametrize("url", ["redis://[::1", "redis://user:pa[ss@redis/0", "http://:pa]ss@features:3000"])
def test_a_url_that_python_cannot_split_is_told_by_its_text_alone(url):
    with pytest.raises(BadSetting, match=r"^FOREST_FEATURES must be a URL with \[ and \] only around") as refused:
        opened(url)
    assert url not in str(refused.value)


def test_a_server_whose_source_is_impossible_ends_with_one_sentence(bentoml_home, tmp_path):
    """Also if only a worker can tell, to whom another would soon follow."""
    home = tmp_path
    for store in ("models", "bentos"):
        if (bentoml_home / store).exists():
            (home / store).symlink_to(bentoml_home / store)
    with supervised(home, ready=False, FOREST_FEATURES="redis://localhost:much") as server:
        code = server.ends_within(60)
        said = server.log.read_text()
    assert said.count("FOREST_FEATURES is no URL of Redis: ") == 1
    assert ("Traceback" in said, code) == (False, 1)
