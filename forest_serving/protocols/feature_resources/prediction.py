"""GET /features/{id}/prediction: what the model says of what is stored under an id."""

from collections.abc import Coroutine
from typing import Any

from forest_serving.errors import UnfitRecord, UnknownIds
from forest_serving.protocols.endpoint import Doc, Endpoint, EventualReply, Headers, Reply, Success, encode
from forest_serving.protocols.feature_resources.targets import id_in
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Answers, ClassAnswers, Context, Question, Sought
from forest_serving.rows.json_schema import Schema, object_schema


def prediction(context: Context, path: Schema) -> Endpoint:
    """Return the endpoint.

    Args:
        context: what answers.
        path: how OpenAPI describes the id.
    """
    is_classifier = context.card.is_classifier

    def decode(headers: Headers, body: bytes) -> Sought:
        id = id_in(headers)
        tell = _class_of if is_classifier else _number_of
        return Sought([id], lambda rows: Question(rows, lambda answers: tell(id, answers), is_classifier))

    endpoint = predicting(context, decode, None, _doc(context, path))
    respond = endpoint.respond

    def told(headers: Headers, body: bytes) -> EventualReply:
        try:
            reply = respond(headers, body)
        except (UnknownIds, UnfitRecord) as error:
            error.loc = ()  # the id is in no body
            raise
        return _told_later(reply) if isinstance(reply, Coroutine) else reply

    return endpoint._replace(respond=told)


async def _told_later(reply: Coroutine[Any, Any, Reply]) -> Reply:
    try:
        return await reply
    except (UnknownIds, UnfitRecord) as error:
        error.loc = ()
        raise


def _number_of(id: str, answers: Answers) -> Reply:
    return Reply(b'{"id":%b,"prediction":%b}' % (encode(id), answers.predictions_json()[1:-1]))


def _class_of(id: str, answers: ClassAnswers) -> Reply:
    parts = encode(id), answers.predictions_json()[1:-1], answers.names_json()[1:-1], answers.probabilities_json()
    return Reply(b'{"id":%b,"prediction":%b,"label":%b,"probabilities":%b}' % parts)


def _doc(context: Context, path: Schema) -> Doc:
    card = context.card
    found: dict[str, Schema] = {"id": {"type": "string"}, "prediction": {}}
    example: dict[str, Any] = {"id": "a17", "prediction": 0.5}
    if card.is_classifier:
        shares: Schema = {"type": "array", "items": {"type": "number"}}
        found |= {"label": {"type": "string"}, "probabilities": shares}
        first = [1.0, *[0.0] * (len(card.classes) - 1)]
        example |= {"prediction": card.labels[0], "label": card.class_names[0], "probabilities": first}
    reply = Success("The prediction", object_schema(found), example)
    summary = "What the model says of what is stored under an id"
    return Doc(summary, statuses=(400, 404, 422, 503, 504), parameters=(path,), successes={200: reply})
