"""Feast's own feature server: http://feast:6566/get-online-features?feature_service=churn&entity=customer_id.

In place of feature_service, features=view:a,view:b. With entity_type=int, ids are sent as numbers.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from forest_serving.errors import BadSetting
from forest_serving.features.http_address import parameters_of
from forest_serving.features.http_service import HttpService
from forest_serving.features.source import Record, Records

PARAMETERS = ("entity", "feature_service", "features", "entity_type", "full_feature_names")
_WHOLE = re.compile("0|-?[1-9][0-9]{0,18}")
_INT64_END = 2**63
_encode = msgspec.json.Encoder().encode


class _Metadata(msgspec.Struct):
    feature_names: list[str]


class _Column(msgspec.Struct):
    values: list[Any]
    statuses: list[str]


class _Reply(msgspec.Struct):
    metadata: _Metadata
    results: list[_Column]  # one for each name


_decode = msgspec.json.Decoder(_Reply).decode


class FeastSource:
    """Asks Feast's Python feature server for the features of entities.

    Args:
        url: see above.
        key: sent as Bearer, for a server that wants a token; empty if it does not.

    Raises:
        BadSetting: if the URL cannot be used.
    """

    def __init__(self, url: str, key: str = "") -> None:
        given = parameters_of(url, *PARAMETERS)
        self._service = HttpService(url, "", key)
        self._entity = given.get("entity", "")
        self._as_numbers = given.get("entity_type", "str") == "int"
        self._asked = _asked_of(given)

    async def fetch(self, ids: Sequence[str]) -> Records:
        """Return the features of entities, those that are null or too old as null; see Source.fetch."""
        values = list(map(_number, ids)) if self._as_numbers else list(ids)
        sent = [value for value in values if value is not None]
        if not sent:
            return [None] * len(ids)
        body = await self._service.ask(_encode(self._asked | {"entities": {self._entity: sent}}))
        found = iter(self._records(body, len(sent)))
        return [None if value is None else next(found) for value in values]

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()

    def _records(self, body: bytes, n_ids: int) -> list[Record | None]:
        try:
            reply = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._service.failed(f"answered something else than Feast does ({error})") from error
        names = reply.metadata.feature_names
        lengths = {len(each) for column in reply.results for each in (column.values, column.statuses)}
        if len(names) != len(reply.results) or lengths != {n_ids}:
            raise self._service.failed(f"answered columns of other lengths than the {n_ids:,} ids")
        columns = dict(zip(names, reply.results, strict=True))
        if (
            columns.pop(self._entity, None) is None
        ):  # Feast takes an entity's own name as well, and has ids as a feature
            fix = "set entity in FOREST_FEATURES to the join key"
            raise self._service.failed(f'answered no column "{self._entity}" but {", ".join(names)[:80]}; {fix}')
        values = zip(*(column.values for column in columns.values()), strict=True)
        statuses = zip(*(column.statuses for column in columns.values()), strict=True)
        return [_record(columns, *row) for row in zip(values, statuses, strict=True)] or [None] * n_ids


def _asked_of(given: dict[str, str]) -> dict[str, Any]:
    """Return what is asked for of each entity."""
    service, features = given.get("feature_service", ""), given.get("features", "")
    if not given.get("entity") or bool(service) == bool(features):
        what = (
            "the features, as ?entity=customer_id&feature_service=churn or ?entity=customer_id&features=view:a,view:b"
        )
        raise BadSetting(f"FOREST_FEATURES must name the entity's column and {what}.")
    if given.get("entity_type", "str") not in ("str", "int"):
        raise BadSetting("FOREST_FEATURES has an entity_type that is neither str nor int.")
    if given.get("full_feature_names", "false") not in ("true", "false"):
        raise BadSetting("FOREST_FEATURES has full_feature_names that is neither true nor false.")
    asked: dict[str, Any] = {"feature_service": service} if service else {"features": features.split(",")}
    return asked | {"full_feature_names": given.get("full_feature_names") == "true"}


def _number(id: str) -> int | None:
    number = int(id) if _WHOLE.fullmatch(id) else _INT64_END
    return number if -_INT64_END <= number < _INT64_END else None


def _record(names: Iterable[str], values: Sequence[Any], statuses: Sequence[str]) -> Record | None:
    if all(status == "NOT_FOUND" for status in statuses):
        return None
    known = (value if status == "PRESENT" else None for value, status in zip(values, statuses, strict=True))
    return _encode(dict(zip(names, known, strict=True)))
