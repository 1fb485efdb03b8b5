"""Features in Redis or Valkey: under each id a string of JSON, or a hash of fields.

The URL is redis-py's (rediss:// for TLS, unix:// for a socket), and may end in ?prefix=features:&layout=hash.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import hiredis
import msgspec
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as SlowConnection

from forest_serving.errors import BadSetting
from forest_serving.features.connections import Connections
from forest_serving.features.redis_writes import RedisWrites
from forest_serving.features.source import Record, SourceFailed

PREFIX = "features:"
LAYOUTS = ("json", "hash")
TURN_REPLIES = 100  # whose reading takes about a millisecond
_OTHER_KIND = "WRONGTYPE"
MOST_CONNECTIONS = 16  # for fetches
MOST_CHANGES = 8  # connections for those
CONNECT_S = 5.0  # goes on beyond the deadline of who wanted the connection
_pack: Callable[[Any], bytes] = hiredis.pack_command  # which its own types would give one argument
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(float).decode


class RedisSource:
    """Asks with MGET, or with one HGETALL for each id, sent together.

    Args:
        url: of the server.

    Raises:
        BadSetting: if the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        url, self.prefix, layout = taken_apart(url)
        try:
            # Whoever asks sets a deadline and tries again; a new connection need not say which library it is.
            alike: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "driver_info": None, "protocol": 2}
            pool: Any = ConnectionPool.from_url(url, socket_timeout=None, **alike)
            self._make = pool.make_connection
            self._make()  # looks at all options, and does not connect yet
        except (ValueError, TypeError, RedisError) as error:
            raise BadSetting(f"FOREST_FEATURES is no URL of Redis: {error}.") from None
        self._connections = Connections(self._connect, MOST_CONNECTIONS, lambda error: False)
        self._for_changes = Connections(self._connect, MOST_CHANGES, lambda error: False)
        self._ask = self._ask_for_strings if layout == "json" else self._ask_for_hashes
        if layout == "json":
            self.change = RedisWrites(self._for_changes, self.prefix).change

    async def fetch(self, ids: Sequence[str]) -> list[Record | None]:
        """Return what is stored under ids; see Source.fetch."""
        prefix = self.prefix
        try:
            return await self._ask([prefix + id for id in ids])
        except (BrokenConnection, SlowConnection) as error:
            raise ConnectionError(str(error)) from None
        except RedisError as error:
            raise SourceFailed(str(error)) from None

    async def _ask_for_strings(self, keys: Sequence[str]) -> list[Record | None]:
        (found,) = await self._replies(_pack(("MGET", *keys)), 1)
        if isinstance(found, ResponseError):
            raise found
        records: list[Record | None] = found
        return records

    async def _ask_for_hashes(self, keys: Sequence[str]) -> list[Record | None]:
        commands = b"".join([_pack(("HGETALL", key)) for key in keys])
        return [_record(found) for found in await self._replies(commands, len(keys))]

    async def _replies(self, commands: bytes, n_commands: int) -> list[Any]:
        """Return the replies to commands, some of which may be errors.

        redis-py's client would pack commands in Python, part by part, and decode what it reads; its pool would begin
        anew to connect each time that a deadline ends before a connection stands.
        """
        async with self._connections.borrowed() as kept:
            connection = kept.connection
            await connection.send_packed_command(commands, check_health=False)
            return [await _reply(connection, position) for position in range(n_commands)]

    async def _connect(self) -> "_Kept":
        connection = self._make()
        async with asyncio.timeout(CONNECT_S):
            await connection.connect()
        return _Kept(connection)

    async def close(self) -> None:
        """Close all connections."""
        self._connections.close()
        self._for_changes.close()
        await asyncio.sleep(0)  # connections are closed by tasks


class _Kept:
    """One of redis-py's connections, which closes itself when a command is cancelled or fails."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._closing: asyncio.Task[None] | None = None

    def is_closed(self) -> bool:
        return self._closing is not None or not self.connection.is_connected

    def terminate(self) -> None:
        self._closing = asyncio.create_task(self.connection.disconnect(nowait=True))


def taken_apart(url: str) -> tuple[str, str, str]:
    """Return a URL without what redis-py does not know, the prefix and the layout."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    prefix, layout = query.pop("prefix", PREFIX), query.pop("layout", LAYOUTS[0])
    if layout not in LAYOUTS:
        raise BadSetting(f"FOREST_FEATURES has layout={layout[:80]}; it may be {' or '.join(LAYOUTS)}.")
    return parts._replace(query=urlencode(query)).geturl(), prefix, layout


async def _reply(connection: Any, position: int) -> Any:
    """Return one of many replies, an error too, after a turn for others now and then."""
    if position % TURN_REPLIES == TURN_REPLIES - 1:
        await asyncio.sleep(0)
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error


def _record(found: Sequence[bytes] | ResponseError) -> Record | None:
    """Return a hash as a JSON object; None if there is none under the key, be it another kind of value."""
    if isinstance(found, ResponseError):
        if str(found).startswith(_OTHER_KIND):
            return None
        raise found
    if not found:
        return None
    fields = zip(found[::2], found[1::2], strict=True)
    return b"{" + b",".join([b"%b:%b" % (_encode(_text(name)), _value(text)) for name, text in fields]) + b"}"


def _value(text: bytes) -> bytes:
    """Return a field's text as JSON: a number if it is one, nothing as null."""
    if not text:
        return b"null"
    try:
        _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _encode(_text(text))
    return text


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
