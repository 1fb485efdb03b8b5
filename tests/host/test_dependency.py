"""Where a service asks that depends on Features, and what it says if BentoML does not tell it."""

import re
from types import SimpleNamespace

import pytest

from forest_serving.host import dependency
from forest_serving.host.dependency import NoAddress, ask_dependency, beside_a_service, url_of
from forest_serving.host.features_choice import FeaturesChoice
from forest_serving.settings import read_settings

STORE = "redis://:secret@redis:6379/0"
FEATURES = SimpleNamespace(name="Features", inner=SimpleNamespace(served=FeaturesChoice(read_settings({}))))


def service_with(addresses, monkeypatch, url=None, **dependencies):
    """Return a service that depends on Features, where BentoML knows these addresses."""
    monkeypatch.setattr(dependency.BentoMLContainer.remote_runner_mapping, "get", lambda: addresses)
    features = SimpleNamespace(on=FEATURES, url=url)
    return SimpleNamespace(dependencies={"features": features, **dependencies})


def asked(service, **variables):
    """Return where a service asks, and with which key."""
    settings = ask_dependency(service, read_settings({"FOREST_FEATURES": STORE, **variables}))
    return settings.features, settings.features_key


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("file:///tmp/bentoml-uds-x/1%20.sock", "http+unix:///tmp/bentoml-uds-x/1%20.sock"),
        ("tcp://127.0.0.1:40001", "http://127.0.0.1:40001"),
    ],
)
def test_it_asks_where_bentoml_has_started_the_dependency(monkeypatch, address, url):
    assert asked(service_with({"Features": address}, monkeypatch)) == (url, "")


def test_it_asks_the_url_that_the_dependency_was_declared_with(monkeypatch):
    assert asked(service_with({}, monkeypatch, url="https://features.example")) == ("https://features.example", "")


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"FOREST_API_KEYS": "first,second"}, "first"),
        ({"FOREST_API_KEYS": "first", "FOREST_FEATURES_KEY": "of-the-store"}, "first"),
    ],
)
def test_it_shows_a_key_that_the_dependency_knows(monkeypatch, variables, key):
    """FOREST_FEATURES_KEY is for the store that the dependency asks."""
    service = service_with({"Features": "tcp://127.0.0.1:1"}, monkeypatch)
    assert asked(service, **variables)[1] == key


def test_it_shows_its_own_key_to_a_dependency_elsewhere(monkeypatch):
    service = service_with({}, monkeypatch, url="https://features.example")
    assert asked(service, FOREST_API_KEYS="first", FOREST_FEATURES_KEY="theirs")[1] == "theirs"


def test_bentoml_forgets_only_the_dependency_on_features(monkeypatch):
    """It would call the service not ready while that one is down."""
    other = SimpleNamespace(on=SimpleNamespace(name="Other", inner=object), url=None)
    service = service_with({"Features": "tcp://127.0.0.1:1"}, monkeypatch, other=other)
    asked(service)
    assert service.dependencies == {"other": other}


def test_a_service_without_dependencies_asks_the_store_itself():
    assert asked(SimpleNamespace(dependencies={})) == (STORE, "")


def test_where_bentoml_starts_nothing_both_read_the_store_in_one_process(monkeypatch):
    assert asked(service_with({}, monkeypatch)) == (STORE, "")


def test_a_worker_that_is_not_told_the_address_says_so(monkeypatch):
    monkeypatch.setattr(dependency, "is_worker", lambda: True)
    monkeypatch.setattr(dependency.BentoMLContainer.development_mode, "get", lambda: False)
    with pytest.raises(NoAddress, match="where the service Features listens"):
        asked(service_with({}, monkeypatch))


def test_an_address_of_an_unknown_kind_is_refused():
    with pytest.raises(NoAddress, match=re.escape("npipe://x")):
        url_of("npipe://x")


def test_a_dependency_drains_longer_than_who_asks_it_may_wait():
    settings = read_settings({"FOREST_DRAIN_S": "3", "FOREST_FEATURES_TIMEOUT_S": "0.5"})
    assert beside_a_service(settings).drain_s > 3.5


def test_a_dependency_keeps_nothing_that_those_who_ask_it_keep():
    """Else what is answered could be twice as old as was allowed."""
    settings = beside_a_service(read_settings({"FOREST_FEATURES_CACHE_S": "60", "FOREST_FEATURES_STALE_S": "600"}))
    assert (settings.features_cache_s, settings.features_stale_s) == (0, 0)
