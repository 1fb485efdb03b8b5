"""What BentoML's typed API takes and gives for a model, made from its card."""

from typing import Annotated, Any

import bentoml
from bentoml.validators import ContentType
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model
from typing_extensions import TypedDict

from forest_serving.card import Card
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_schema import instances_schema

Reply = type[bentoml.IODescriptor]


def request_of(card: Card) -> type[BaseModel]:
    """Return what all methods take: rows, and nothing else."""
    read = PlainValidator(InstanceReader(card).read)
    instances = Annotated[Any, read, WithJsonSchema(instances_schema(card))]
    return create_model("Request", __config__=ConfigDict(extra="forbid"), instances=(instances, ...))


def predictions_of(card: Card) -> Reply:
    """Return the reply of predict: what model.predict gives, in its own type."""
    return _reply("Predictions", _predictions(card))


def probabilities_of(card: Card) -> Reply:
    """Return the reply of predict_proba: the same, with the classes' names and probabilities; only a classifier's."""
    rule = f"One row per row: the probabilities of {', '.join(card.class_names)}; each row sums to 1."
    more = {
        "labels": Annotated[list[str], Field(description="One class name per row.")],
        "probabilities": Annotated[list[list[float]], Field(description=rule)],
    }
    return _reply("Probabilities", _predictions(card) | more)


def _predictions(card: Card) -> dict[str, Any]:
    label, what = (type(card.labels[0]), "class label") if card.is_classifier else (float, "number")
    sentence = f"One {what} per row, in the order of the request."
    return {"predictions": Annotated[list[label], Field(description=sentence)]}  # type: ignore[valid-type]


def _reply(name: str, fields: dict[str, Any]) -> Reply:
    """Return the type of a reply, a dictionary; BentoML would look for its media type in the schema at each reply."""
    reply = TypedDict(name, fields)  # type: ignore[misc]  # which is known only now

    def method() -> Any:
        """Return nothing; BentoML reads what its methods give from their annotations."""

    method.__annotations__["return"] = Annotated[reply, ContentType("application/json")]
    found: Reply = bentoml.IODescriptor.from_output(method)
    return found
