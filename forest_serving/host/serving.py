"""What a service.py is made of; "python -m forest_serving new" writes one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bentoml.images import Image

from forest_serving.errors import OperatorError
from forest_serving.host import bentoml_program, counts_folder, lifeline, model_choice
from forest_serving.host.behind_gateway import BehindGateway, Served
from forest_serving.host.features_choice import FeaturesChoice
from forest_serving.host.model_choice import ModelChoice
from forest_serving.monitoring import output
from forest_serving.settings import read_settings

__all__ = ["IMAGE", "BehindGateway", "FeaturesChoice", "ModelChoice", "Served", "choose", "configure", "features"]

# BentoML's default image would hold compilers and git, which nothing here needs. "3" is whatever the base image has.
IMAGE = Image(base_image=os.environ.get("BASE_IMAGE") or "python:3.11-slim", distro="none", python_version="3")


def configure(path: Path) -> None:
    """Make BentoML read a configuration file, unless BENTOML_CONFIG names another; outside BentoML, do nothing."""
    bentoml_program.configure(path)


def choose(default: str, remedy: str = "") -> ModelChoice:
    """Return the model to serve: FOREST_MODEL, or the one that the Bento was built with, or the default.

    Args:
        default: the name or tag of a stored model, such as "wine".
        remedy: the command that makes it.

    Raises:
        SystemExit: with one sentence if it is missing or damaged, or a setting is wrong. Where this is a worker, which
            replaces another, the whole server ends with it.
    """
    with _beginning():
        return model_choice.choose(default, read_settings(), remedy)


def features() -> FeaturesChoice:
    """Return what a service without a model serves: the store that FOREST_FEATURES names.

    Raises:
        SystemExit: with one sentence if a setting is wrong. Whether the store is named is looked at when a server
            starts: a Bento is built without it.
    """
    with _beginning():
        return FeaturesChoice(read_settings())


@contextmanager
def _beginning() -> Iterator[None]:
    """Begin to be a worker, if this is one; end with one sentence if what follows cannot be done."""
    if bentoml_program.is_worker():
        output.queue_output()
        lifeline.hold()
    counts_folder.give_each_server_its_own()
    try:
        yield
    except OperatorError as error:
        if bentoml_program.is_worker():
            from forest_serving.host.guards import end_server  # noqa: PLC0415 - the supervisor needs no uvicorn

            end_server(str(error))
        raise SystemExit(str(error)) from None
