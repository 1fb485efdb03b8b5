"""What a server that serves features says of where they are."""

import logging

import pytest

from forest_serving.errors import BadSetting
from forest_serving.host.features_choice import FeaturesChoice
from forest_serving.settings import read_settings


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("/var/lib/features", "/var/lib/features"),
        ("redis://reader:secret@redis:6379/0", "redis://redis"),
        ("unix:///run/redis.sock?password=secret", "unix:///run/redis.sock"),
        ("python:flowers:open_flowers?secret", "python:flowers:open_flowers"),
    ],
)
def test_the_log_names_the_store_without_its_password(caplog, source, said):
    caplog.set_level(logging.INFO)
    FeaturesChoice(read_settings({"FOREST_FEATURES": source})).pin()
    assert caplog.messages == [f"Serving features from {said}"]


def test_without_a_store_there_is_nothing_to_serve():
    with pytest.raises(BadSetting, match="set FOREST_FEATURES"):
        FeaturesChoice(read_settings({})).pin()
