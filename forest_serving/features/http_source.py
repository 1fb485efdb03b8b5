"""Another service of this project that has features: http://features:3000, or http+unix:///run/features.sock."""

from collections.abc import Sequence

import msgspec

from forest_serving.features.http_address import parameters_of
from forest_serving.features.http_service import HttpService, TooMuch, Unfit
from forest_serving.features.source import Record, Records

PATH = "/features:lookup"
_NO_RECORD = b""  # of which readers say that it is no JSON object, and under which id
MOST_QUESTION_BYTES = 1_000_000  # a service reads bodies of up to 1 MiB, unless it is told otherwise
_encode = msgspec.json.Encoder().encode


class _Reply(msgspec.Struct):
    records: list[msgspec.Raw]


_decode = msgspec.json.Decoder(_Reply).decode


class HttpSource:
    """Asks a features service for many ids at once.

    Args:
        url: the service's.
        key: one of its FOREST_API_KEYS; empty if it has none.

    Raises:
        BadSetting: if the URL cannot be used.
    """

    def __init__(self, url: str, key: str = "") -> None:
        parameters_of(url)
        self._service = HttpService(url, PATH, key)

    async def fetch(self, ids: Sequence[str]) -> Records:
        """Return what the service has; see Source.fetch."""
        question = _encode({"ids": ids})
        try:
            if len(question) <= MOST_QUESTION_BYTES:
                return self._records(await self._service.ask(question), len(ids))
        except TooMuch:
            if len(ids) == 1:
                raise
        except Unfit:  # which must fail those only who ask for that id
            if len(ids) == 1:
                return [_NO_RECORD]
        middle = len(ids) // 2
        return [*await self.fetch(ids[:middle]), *await self.fetch(ids[middle:])]

    def _records(self, body: bytes, n_ids: int) -> Records:
        try:
            records = _decode(body).records
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._service.failed(f'answered something else than {{"records": [...]}} ({error})') from error
        if len(records) != n_ids:
            raise self._service.failed(f"answered {len(records):,} records for {n_ids:,} ids")
        return [_record(raw) for raw in records]

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()


def _record(raw: msgspec.Raw) -> Record | None:
    record = bytes(raw)
    return None if record == b"null" else record
