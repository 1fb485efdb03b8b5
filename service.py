"""IrisClassifier: the species of iris flowers, exactly as the trained forest would answer. Run: bentoml serve."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

# BentoML finds its configuration only through this variable, which it reads when a value is first needed.
os.environ["BENTOML_CONFIG"] = os.environ.get("BENTOML_CONFIG") or str(Path(__file__).with_name("configuration.yaml"))

import bentoml
from bentoml.images import Image
from bentoml.validators import ContentType
from pydantic import BaseModel, PlainValidator, WithJsonSchema

from forest_serving.errors import OperatorError
from forest_serving.host.bentoml_service import put_in_front
from forest_serving.models import store as model_store
from forest_serving.rows.instances import parse_instances
from forest_serving.schema import Predictions, Probabilities, instances_schema
from forest_serving.settings import read_settings

if TYPE_CHECKING:
    from forest_serving.models.loaded_model import ServedModel

# BentoML's default image would hold compilers and git, which nothing here needs. "3" is whatever the base image has.
IMAGE = Image(base_image=os.environ.get("BASE_IMAGE") or "python:3.11-slim", distro="none", python_version="3")
try:
    SETTINGS = read_settings()
    model_store.check(SETTINGS.model)
except OperatorError as error:  # one sentence and no restarts, where an error in a worker would be tried for ever
    raise SystemExit(str(error)) from None


class Request(BaseModel, extra="forbid"):
    """What both methods take: rows, and nothing else."""

    instances: Annotated[Any, PlainValidator(parse_instances), WithJsonSchema(instances_schema())]


@bentoml.service(image=IMAGE)
class IrisClassifier:
    """Classify iris flowers by their measurements."""

    def __init__(self) -> None:
        self.model = load_model()

    @bentoml.api(input_spec=Request)
    def predict(self, instances: Any) -> Annotated[Predictions, ContentType("application/json")]:
        """Return the class index of each flower.

        Args:
            instances: sepal length and width, petal length and width in cm: rows, or a DataFrame, of shape (n_rows, 4).

        Raises:
            InvalidInstances: naming the first value that is not a finite number, or row that has not 4 of them.
        """
        return self.model.predict(parse_instances(instances))  # again: a direct call passes no validator

    @bentoml.api(input_spec=Request)
    def predict_proba(self, instances: Any) -> Annotated[Probabilities, ContentType("application/json")]:
        """Return the class index, class name and class probabilities of each flower; as predict otherwise."""
        return self.model.predict_proba(parse_instances(instances))


@cache  # the gateway and the class share one
def load_model() -> "ServedModel":
    """Return the model to serve. Only workers load it; the process that starts them needs no NumPy."""
    return model_store.load(SETTINGS.model)


def make_app(app: Any) -> Any:
    """Return what a worker serves: the gateway in front of BentoML's application."""
    from forest_serving.host import worker

    return worker.make_app(app, load_model(), SETTINGS, bentoml.server_context)


put_in_front(IrisClassifier, make_app)
