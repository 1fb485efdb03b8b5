"""What the OpenAPI document of a model's service is about."""

from forest_serving.card import Card
from forest_serving.http.openapi import Subject
from forest_serving.http.openapi_components import components
from forest_serving.protocols.predictor import Context
from forest_serving.rows.csv_schema import csv_pattern

_VERSION = {"X-Model-Version": {"description": "The served model's version.", "schema": {"type": "string"}}}


def model_subject(context: Context) -> Subject:
    """Return what the document of a model's service is about."""
    card = context.card
    info = {
        "title": f"{card.name.capitalize()} {card.kind}",
        "version": context.model.version,
        "description": f"Answers exactly as the trained model does. {_answers(card)}",
    }
    described = components(card, context.model.describe(), context.features is not None)
    return Subject(info, described, "the model is loaded", _VERSION, csv_pattern(card))


def _answers(card: Card) -> str:
    """Return a sentence that says what the model answers with."""
    if not card.is_classifier:
        return "It is a regressor: each prediction is a number."
    return f"Classes: {', '.join(card.class_names[:20])}{', …' if len(card.classes) > 20 else ''}."
