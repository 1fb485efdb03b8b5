"""What BentoML's typed API takes and gives for a model, as types made from its card."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model
from typing_extensions import TypedDict  # pydantic wants it before Python 3.12

from forest_serving.card import Card
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_schema import instances_schema

_reply: Any = TypedDict  # with fields that the card decides; BentoML takes plain dicts for it


def request_of(card: Card) -> type[BaseModel]:
    """Return what all methods take: rows, and nothing else."""
    read = PlainValidator(InstanceReader(card).read)
    instances = Annotated[Any, read, WithJsonSchema(instances_schema(card))]
    return create_model("Request", __config__=ConfigDict(extra="forbid"), instances=(instances, ...))


def predictions_of(card: Card) -> Any:
    """Return the type of predict's reply: what model.predict gives, in its own type."""
    return _reply("Predictions", {"predictions": _labels(card)})


def probabilities_of(card: Card) -> Any:
    """Return the type of predict_proba's reply: the same, with the classes' names and probabilities."""
    words = f"One row per row: the probabilities of {', '.join(card.class_names)}; each row sums to 1."
    fields = {
        "predictions": _labels(card),
        "labels": Annotated[list[str], Field(description="One class name per row.")],
        "probabilities": Annotated[list[list[float]], Field(description=words)],
    }
    return _reply("Probabilities", fields)


def _labels(card: Card) -> Any:
    label = type(card.labels[0])
    return Annotated[list[label], Field(description="One class label per row, in the order of the request.")]  # type: ignore[valid-type]
