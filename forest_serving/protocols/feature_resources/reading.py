"""GET /features, GET /features/{id} and POST /features:lookup."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from forest_serving.errors import UnknownIds
from forest_serving.features.telling import too_much
from forest_serving.protocols.by_id import IdReader
from forest_serving.protocols.endpoint import EventualReply, Headers, Reply, encode
from forest_serving.protocols.feature_resources.asking import Asking
from forest_serving.protocols.feature_resources.conditions import check_to_change, is_known
from forest_serving.protocols.feature_resources.stored import Stored, stored
from forest_serving.protocols.feature_resources.targets import id_in, page_in, segment_of
from forest_serving.rows.json_body import JSON_ERRORS
from forest_serving.rows.words import shown_id
from forest_serving.settings import Settings

_PIECE_IDS = 100  # of a page; others have their turn in between
_PAGE_BYTES = 1 << 20  # of records, after which a page ends early
_check_json = msgspec.json.Decoder(list[dict[str, msgspec.Raw] | None]).decode


class Reading:
    """Answers what is stored.

    Args:
        asking: the store.
        settings: the limits in force.
    """

    def __init__(self, asking: Asking, settings: Settings) -> None:
        self.asking = asking
        self.max_bytes = settings.max_buffered_bytes
        self.read_ids = IdReader(settings, ()).read_alone

    def one(self, headers: Headers, body: bytes) -> EventualReply:
        """Answer GET /features/{id}."""
        id = id_in(headers)
        found = self.asking.now(id)
        return _one_later(headers, id, found) if isinstance(found, Coroutine) else _one(headers, id, found)

    async def page(self, headers: Headers, body: bytes) -> Reply:
        """Answer GET /features."""
        after, limit = page_in(headers)
        found, has_more = await self._page(after, limit)
        next = found[-1].id if has_more else None
        content = encode({"features": [each.shown() for each in found], "next": next})
        if next is None:
            return Reply(content)
        link = f'</features?limit={limit}&after={segment_of(next)}>; rel="next"'
        return Reply(content, headers=[(b"link", link.encode())])

    async def _page(self, after: str, limit: int) -> tuple[list[Stored], bool]:
        """Return what a page holds, and whether anything comes after it."""
        found: list[Stored] = []
        n_bytes = 0
        while len(found) < limit and n_bytes < _PAGE_BYTES:
            piece = await self.asking.page(after, min(_PIECE_IDS, limit - len(found)))
            if not piece:
                return found, False
            found += [stored(id, record) for id, record in piece]
            n_bytes += sum(len(record) for _, record in piece)
            after = piece[-1][0]
            await asyncio.sleep(0)
        return found, bool(await self.asking.page(after, 1))

    def many(self, headers: Headers, body: bytes) -> EventualReply:
        """Answer POST /features:lookup."""
        ids = self.read_ids(body)
        found = self.asking.find(ids)
        return self._records(ids, found) if isinstance(found, list) else self._records_later(ids, found)

    async def _records_later(self, ids: Sequence[str], finding: Coroutine[Any, Any, list[bytes | None]]) -> Reply:
        return self._records(ids, await finding)

    def _records(self, ids: Sequence[str], records: Sequence[bytes | None]) -> Reply:
        content = b",".join([b"null" if record is None else record for record in records])
        if len(content) > self.max_bytes:
            raise too_much(self.max_bytes)
        content = b"[%b]" % content
        if not _are_good(content, len(ids)):
            for id, record in zip(ids, records, strict=True):
                if record is not None:
                    stored(id, record)  # raises for the one that somebody else stored, and is no JSON
        return Reply(b'{"records":%b}' % content)


def _are_good(content: bytes, n_ids: int) -> bool:
    """Return whether a list surely holds a record for each id: one that is {}, {} would count as two."""
    try:
        return len(_check_json(content)) == n_ids
    except JSON_ERRORS:
        return False


def _one(headers: Headers, id: str, record: bytes | None) -> Reply:
    if record is None:
        raise UnknownIds(f'Nothing is stored under "{shown_id(id)}".')
    if b"if-match" in headers:
        check_to_change(headers, record)
    found = stored(id, record)
    if is_known(headers, record, found.time):
        return Reply(b"", headers=found.headers(), status=304)
    return Reply(found.body(), headers=found.headers())


async def _one_later(headers: Headers, id: str, finding: Coroutine[Any, Any, bytes | None]) -> Reply:
    return _one(headers, id, await finding)
