"""Which path and method is answered by what; what cannot be done here says why not."""

from collections.abc import Mapping
from typing import Any

from forest_serving.card import Card
from forest_serving.protocols.endpoint import JSON_KINDS, Doc, Endpoint, Intake, Protocol, Reply, Respond, Table
from forest_serving.protocols.feature_resources.asking import Asking
from forest_serving.protocols.feature_resources.bodies import Bodies
from forest_serving.protocols.feature_resources.docs import PATCH_TYPE, Docs
from forest_serving.protocols.feature_resources.prediction import prediction
from forest_serving.protocols.feature_resources.reading import Reading
from forest_serving.protocols.feature_resources.writing import Writing
from forest_serving.protocols.predictor import Context, Features
from forest_serving.rows.checked_records import RecordChecker
from forest_serving.rows.reader import RowReader
from forest_serving.settings import Settings

NAME = "Features"
_ALL, _ONE = "/features", "/features/{id}"
_NO_KEYS = "Nothing can be changed here: set FOREST_WRITE_KEYS to the keys of those who may."
_READ_ONLY = "What is stored cannot be changed here: change it where it comes from."
_NO_PAGES = "What is stored cannot be listed here; ask for ids: /features/{id}, or POST /features:lookup."


def protocol_of(context: Context) -> Protocol:
    """Return what is answered for a model; nothing where no rows are stored."""
    if context.features is None:
        return Protocol(NAME, {})
    own = protocol(context.features, context.settings, context.rows, context.card)
    place = f"GET {_ONE}"
    path = next(iter(_doc_of(own.table[place]).parameters))
    return own._replace(table={**own.table, f"{place}/prediction": prediction(context, dict(path))})


def protocol(features: Features, settings: Settings, rows: RowReader | None, card: Card | None) -> Protocol:
    """Return what is answered about what is stored.

    Args:
        features: where it is stored.
        settings: limits and keys in force.
        rows: what reads the model's rows; None where no model is known.
        card: the model's; None likewise.
    """
    asking, example = Asking(features, settings), _example(card)
    bodies = Bodies(RecordChecker(rows.columns if rows else None), example, settings.max_rows)
    reading, writing, docs = Reading(asking, settings), Writing(asking, bodies), Docs(card, example)
    json = Intake(settings.max_body_bytes)
    patch = json._replace(media_types=JSON_KINDS | {PATCH_TYPE.encode()})
    why_not = "" if settings.write_keys and asking.can_change else _READ_ONLY if settings.write_keys else _NO_KEYS

    def change(respond: Respond, doc: Doc, intake: Intake | None = None) -> Endpoint:
        return _off(why_not) if why_not else Endpoint(respond, intake=intake, writes=True, doc=doc)

    table: Table = {
        f"GET {_ALL}": Endpoint(reading.page, doc=docs.page) if asking.can_page else _off(_NO_PAGES),
        f"POST {_ALL}": change(writing.post, docs.post, json),
        f"POST {_ALL}:lookup": Endpoint(reading.many, intake=json, doc=docs.lookup),
        f"GET {_ONE}": Endpoint(reading.one, doc=docs.get),
        f"PUT {_ONE}": change(writing.put, docs.put, json),
        f"PATCH {_ONE}": change(writing.patch, docs.patch, patch),
        f"DELETE {_ONE}": change(writing.delete, docs.delete),
    }
    return Protocol(NAME, table)


def _off(sentence: str) -> Endpoint:
    return Endpoint(lambda headers, body: Reply(b""), off=sentence)


def _doc_of(endpoint: Endpoint) -> Doc:
    return endpoint.doc or Doc("")


def _example(card: Card | None) -> Mapping[str, Any]:
    if card is None:
        return {"height_cm": 5.1, "color": "red"}
    return dict(zip((feature.name for feature in card.features), card.example, strict=True))
