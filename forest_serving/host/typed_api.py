"""What BentoML's typed API takes and gives for a model, as pydantic models made from its card."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model

from forest_serving.card import Card
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_schema import instances_schema


def request_of(card: Card) -> type[BaseModel]:
    """Return what all methods take: rows, and nothing else."""
    read = PlainValidator(InstanceReader(card).read)
    instances = Annotated[Any, read, WithJsonSchema(instances_schema(card))]
    return create_model("Request", __config__=ConfigDict(extra="forbid"), instances=(instances, ...))


def predictions_of(card: Card) -> type[BaseModel]:
    """Return the reply of predict: what model.predict gives, in its own type."""
    label = type(card.labels[0])
    field = Field(description="One class label per row, in the order of the request.")
    return create_model("Predictions", predictions=(list[label], field))  # type: ignore[valid-type]


def probabilities_of(card: Card) -> type[BaseModel]:
    """Return the reply of predict_proba: the same, with the classes' names and probabilities."""
    names = ", ".join(card.class_names)
    return create_model(
        "Probabilities",
        __base__=predictions_of(card),
        labels=(list[str], Field(description="One class name per row.")),
        probabilities=(
            list[list[float]],
            Field(description=f"One row per row: the probabilities of {names}; each row sums to 1."),
        ),
    )
