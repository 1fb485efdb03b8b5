"""Vertex AI's custom containers: {"instances": rows, "parameters": object or null} in, {"predictions": ...} out."""

from forest_serving.errors import BadSetting, InvalidInstances
from forest_serving.protocols.endpoint import Doc, Endpoint, Headers, Protocol, page
from forest_serving.protocols.predicting import predicting
from forest_serving.protocols.predictor import Context, Question
from forest_serving.protocols.replies import predictions_reply, probabilities_reply
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS
from forest_serving.rows.json_body import PARAMETERS_TYPE, check_parameters, read_fields, text_of
from forest_serving.rows.json_schema import object_schema
from forest_serving.rows.numbers import Rows
from forest_serving.settings import Settings

NAME = "Vertex AI"
HEALTHY = b"{}"
PROBABILITIES = "/predict_proba"  # where the service itself answers with them
_FIELDS = ("instances", "parameters")
SCHEMA = object_schema({"instances": INSTANCES}, {"parameters": PARAMETERS})


def protocol(context: Context) -> Protocol:
    """Return the paths that Vertex AI names in the container's environment; none if it names none.

    Raises:
        BadSetting: if a regressor is to answer with probabilities.
    """
    table: dict[str, Endpoint] = {}
    path, health = predict_path(context.settings), context.settings.vertex_health_route
    if path == PROBABILITIES and not context.card.is_classifier:
        why = "this model is a regressor, which has no probabilities"
        raise BadSetting(f"AIP_PREDICT_ROUTE must not be {PROBABILITIES!r}, as {why}; choose /predict.")
    if path:
        table[f"POST {path}"] = _predict(context, with_probabilities=path == PROBABILITIES)
    if health:
        table[f"GET {health}"] = page(HEALTHY, "200 while the server is ready", "ready")
    return Protocol(NAME, table)


def predict_path(settings: Settings) -> str:
    """Return where predictions are sent, as Vertex AI documents it; empty if this is not Vertex AI."""
    endpoint, model = settings.vertex_endpoint_id, settings.vertex_deployed_model_id
    default = f"/v1/endpoints/{endpoint}/deployedModels/{model}:predict" if endpoint and model else ""
    return settings.vertex_predict_route or default


def _predict(context: Context, with_probabilities: bool) -> Endpoint:
    example = {"instances": context.example, "parameters": None}
    read_few = context.rows.few.field_reader("instances", parameters=PARAMETERS_TYPE)
    example_text, encode_answers = text_of(example), probabilities_reply if with_probabilities else predictions_reply

    def decode(headers: Headers, body: bytes) -> Question:
        rows = read_few(body)
        return Question(examined(body) if rows is None else rows, encode_answers, with_probabilities)

    def examined(body: bytes) -> Rows:
        context.rows.size_limit.check(body)
        request = read_fields(body, example_text, _FIELDS)
        check_parameters(request, "parameters")
        if "instances" not in request:
            raise InvalidInstances(f'The field "instances" is missing; send {example_text}.', ("instances",))
        return context.rows.json.read(request["instances"], "instances")

    doc = Doc("Answer to each row, as Vertex AI asks for it", {"application/json": example}, SCHEMA)
    return predicting(context, decode, context.json_intake, doc)
