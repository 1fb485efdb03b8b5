"""PUT, PATCH and DELETE of /features/{id}, and POST /features: no change is lost, as each names what it changes."""

import asyncio
from collections.abc import Sequence

from forest_serving.errors import AlreadyStored, Changed, NoCondition, RequestError, UnknownIds
from forest_serving.features.records import etag_of, stamp_of
from forest_serving.features.source import ANYTHING, Change, NotAsExpected
from forest_serving.few_of_many import first_of
from forest_serving.protocols.endpoint import Headers, Reply, encode
from forest_serving.protocols.feature_resources.asking import Asking
from forest_serving.protocols.feature_resources.bodies import FIELD, Bodies, Entry, written
from forest_serving.protocols.feature_resources.conditions import check_to_change, has_if_match
from forest_serving.protocols.feature_resources.stored import stored
from forest_serving.protocols.feature_resources.targets import id_in, path_of
from forest_serving.rows.words import shown_id

_PIECE_RECORDS = 100  # which take about half a millisecond to check; others have their turn in between
_MOST_NAMED = 10
_MOST_TRIES = 20  # to merge a patch with what others change meanwhile


class Writing:
    """Changes what is stored.

    Args:
        asking: the store.
        bodies: reads what is sent.
    """

    def __init__(self, asking: Asking, bodies: Bodies) -> None:
        self.asking = asking
        self.bodies = bodies

    async def put(self, headers: Headers, body: bytes) -> Reply:
        """Answer PUT /features/{id}."""
        id = id_in(headers)
        record = written(self.bodies.whole(body, id), stamp_of(), (FIELD,))
        old = await self._old(headers, id)
        if old is not None and not has_if_match(headers):
            raise _no_condition()
        await self._change(Change(id, record, _expected(headers, old)), headers)
        new = stored(id, record)
        if old is not None:
            return Reply(b"", headers=new.headers(), status=204)
        return Reply(new.body(), headers=[(b"location", path_of(id).encode()), *new.headers()], status=201)

    async def patch(self, headers: Headers, body: bytes) -> Reply:
        """Answer PATCH /features/{id}."""
        id = id_in(headers)
        patch = self.bodies.patch(body, id)
        for _ in range(_MOST_TRIES):
            old = await self._present(headers, id)
            features = self.bodies.merged(stored(id, old).features, patch)
            record = written(features, stamp_of(), (FIELD,))
            try:
                await self._change(Change(id, record, etag_of(old)), headers)
            except Changed:
                if _expected(headers, old) == ANYTHING:
                    continue
                raise
            new = stored(id, record)
            return Reply(new.body(), headers=new.headers())
        raise _changed()

    async def delete(self, headers: Headers, body: bytes) -> Reply:
        """Answer DELETE /features/{id}."""
        id = id_in(headers)
        old = await self._present(headers, id)
        await self._change(Change(id, None, _expected(headers, old)), headers)
        return Reply(b"", status=204)

    async def post(self, headers: Headers, body: bytes) -> Reply:
        """Answer POST /features."""
        entries, changes, stamp = self.bodies.many(body), [], stamp_of()
        for start in range(0, len(entries), _PIECE_RECORDS):
            changes += [self._change_of(entry, stamp) for entry in entries[start : start + _PIECE_RECORDS]]
            await asyncio.sleep(0)
        try:
            new = await self.asking.change(changes)
        except NotAsExpected as others:
            raise _already_stored(entries, others.ids) from None
        told = [{"id": change.id, "etag": etag_of(change.record or b"")} for change in changes]
        return Reply(encode({FIELD: told}), status=201 if new else 200)

    def _change_of(self, entry: Entry, stamp: bytes) -> Change:
        features = self.bodies.checker.checked(entry.features, entry.place)
        return Change(entry.id, written(features, stamp, entry.place), entry.etag)

    async def _old(self, headers: Headers, id: str) -> bytes | None:
        """Return what is stored under an id, if the request's conditions allow that it is changed."""
        old = await self.asking.read(id)
        check_to_change(headers, old)
        return old

    async def _present(self, headers: Headers, id: str) -> bytes:
        """Return the same where something must be stored, and a condition be made."""
        old = await self.asking.read(id)
        if old is None:
            raise UnknownIds(f'Nothing is stored under "{shown_id(id)}".')
        check_to_change(headers, old)
        if not has_if_match(headers):
            raise _no_condition()
        return old

    async def _change(self, change: Change, headers: Headers) -> None:
        """Make a change; raise if somebody else was faster."""
        try:
            await self.asking.change([change])
        except NotAsExpected:
            if change.expected is None and b"if-none-match" not in headers:
                raise _no_condition() from None
            raise _changed() from None


def _expected(headers: Headers, old: bytes | None) -> str | None:
    """Return what has to be there still when the change is made."""
    if old is not None and headers.get(b"if-match", b"").strip() == b"*":
        return ANYTHING
    return None if old is None else etag_of(old)


def _changed() -> RequestError:
    return Changed("Somebody else changed it meanwhile; read it, and change that.")


def _no_condition() -> RequestError:
    return NoCondition(
        "Something is stored here: send its ETag in If-Match, so that nobody else's change is lost; "
        "If-Match: * changes whatever is there."
    )


def _already_stored(entries: Sequence[Entry], others: Sequence[str]) -> RequestError:
    ids = set(others)
    found = [entry for entry in entries if entry.id in ids]
    names = first_of([f'"{shown_id(entry.id)}"' for entry in found], _MOST_NAMED)
    first = found[0]
    what = "is something already" if first.etag is None else 'is nothing, or something else than its "etag" says'
    sentence = f"Nothing was stored, because under {names} there {what}; read it, and send its etag."
    return AlreadyStored(sentence, (FIELD, first.position, "id" if first.etag is None else "etag"))
