"""What is sent to be stored: one record, a change of one, or many."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from forest_serving.errors import AlreadyStored, InvalidInstances, Loc, TooManyRows, UnfitRecord
from forest_serving.features.records import MAX_RECORD_BYTES, record_of
from forest_serving.protocols.by_id import fault_of
from forest_serving.rows.checked_records import RecordChecker
from forest_serving.rows.json_body import check_fields, read_object, text_of
from forest_serving.rows.words import kind_of, shown

FIELD = "features"
_SHOWN_TOO = {FIELD, "id", "etag", "updated_at"}  # so that what GET showed can be sent back
_OF_MANY = {FIELD, "id", "etag"}


class Entry(NamedTuple):
    """One of many: its place, id, features as they were sent, and the ETag of what has to be there."""

    position: int
    id: str
    features: Any
    etag: str | None

    @property
    def place(self) -> Loc:
        """Where its features stand in the body."""
        return FIELD, self.position, FIELD


class Bodies:
    """Reads bodies.

    Args:
        checker: checks records.
        example: features that can be stored.
        max_rows: the most that may come at a time.
    """

    def __init__(self, checker: RecordChecker, example: Mapping[str, Any], max_rows: int) -> None:
        self.checker = checker
        self.max_rows = max_rows
        self.example_of_one = {FIELD: dict(example)}
        self.example_of_many = {FIELD: [{"id": "a17", FIELD: dict(example)}]}

    def whole(self, body: bytes, id: str) -> dict[str, Any]:
        """Return the features of a record.

        Raises:
            MalformedJson, InvalidInstances: if the body is none.
            UnfitRecord: if the features do not fit the model.
        """
        return self.checker.checked(self._features(body, id), (FIELD,))

    def patch(self, body: bytes, id: str) -> dict[str, Any]:
        """Return the features that are to be changed; None stands for a gap. Raises as whole() does."""
        return self.checker.partly_checked(self._features(body, id), (FIELD,))

    def merged(self, features: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
        """Return the features of a record, once it is changed; where no model is known, None takes a feature away.

        Raises:
            UnfitRecord: if they do not fit the model.
        """
        merged = self.checker.named(features) | dict(patch)
        columns = self.checker.columns
        if columns is None:
            return {name: value for name, value in merged.items() if value is not None or name not in patch}
        known = {name: value for name, value in merged.items() if name in columns}
        return merged | self.checker.checked(known, (FIELD,))

    def many(self, body: bytes) -> list[Entry]:
        """Return what a body holds, not yet checked by the model.

        Raises:
            MalformedJson, InvalidInstances, TooManyRows: if it is no list of records.
        AlreadyStored: if an id comes twice.
        """
        request = read_object(body, text_of(self.example_of_many))
        check_fields(request, {FIELD})
        found = request.get(FIELD)
        if not isinstance(found, list) or not found:
            raise InvalidInstances(f'"{FIELD}" must be a list; send {text_of(self.example_of_many)}.', (FIELD,))
        if len(found) > self.max_rows:
            sentence = f"The body has {len(found):,} records; {self.max_rows:,} may come at a time"
            raise TooManyRows(f"{sentence} (FOREST_MAX_ROWS).")
        entries = [_entry(position, each) for position, each in enumerate(found)]
        if len({entry.id for entry in entries}) < len(entries):
            _refuse_doubled(entries)
        return entries

    def _features(self, body: bytes, id: str) -> Any:
        request = read_object(body, text_of(self.example_of_one))
        check_fields(request, _SHOWN_TOO)
        if FIELD not in request:
            raise InvalidInstances(f'"{FIELD}" is missing; send {text_of(self.example_of_one)}.', (FIELD,))
        if request.get("id", id) != id:
            raise UnfitRecord('"id" is another one than in the path; leave it out.', ("id",))
        return request[FIELD]


def written(features: dict[str, Any], stamp: bytes, place: Loc) -> bytes:
    """Return a record with a time; raise UnfitRecord if it is too long."""
    record = record_of(features, stamp)
    if len(record) > MAX_RECORD_BYTES:
        raise UnfitRecord(f"The record has {len(record):,} bytes of JSON; it may have {MAX_RECORD_BYTES:,}.", place)
    return record


def _entry(position: int, sent: Any) -> Entry:
    place = f"Record {position}"
    if not isinstance(sent, dict):
        raise InvalidInstances(f"{place} is {kind_of(sent)}; send an object with id and features.", (FIELD, position))
    if unknown := [name for name in sent if name not in _OF_MANY]:
        only = 'send "id", "features" and, to replace something, "etag"'
        raise InvalidInstances(f'{place} has the unknown field "{shown(unknown[0])}"; {only}.', (FIELD, position))
    if FIELD not in sent:
        raise InvalidInstances(f'{place} lacks "{FIELD}"; send it.', (FIELD, position))
    id, etag = sent.get("id"), sent.get("etag")
    if fault := fault_of(id):
        raise InvalidInstances(f"{place}: its id {fault}.", (FIELD, position, "id"))
    if etag is not None and not isinstance(etag, str):
        raise InvalidInstances(f'{place}: its "etag" is {kind_of(etag)}; send text.', (FIELD, position, "etag"))
    return Entry(position, str(id), sent[FIELD], etag)


def _refuse_doubled(entries: list[Entry]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.id in seen:
            first = f"as record {seen[entry.id]} has"
            raise AlreadyStored(
                f'Record {entry.position} has the id "{shown(entry.id)}", {first}; send one.',
                (FIELD, entry.position, "id"),
            )
        seen[entry.id] = entry.position
