"""Many records at once into Redis: sent in batches, each of which others see before the next one comes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from forest_serving.errors import BadSetting, StoreNotWritten
from forest_serving.features.lmdb_load import Loaded, Records
from forest_serving.features.records import STAMP_BYTES
from forest_serving.features.redis_source import LAYOUTS, taken_apart

_TIMEOUT_S = 30.0
_SCANNED = 5_000  # keys at a time


class RedisTarget:
    """A Redis that a command can fill.

    Args:
        url: as FOREST_FEATURES has it.

    Raises:
        BadSetting: if it is no URL of Redis, or features are hashes there.
    """

    def __init__(self, url: str) -> None:
        server, prefix, layout = taken_apart(url)
        if layout != LAYOUTS[0]:
            raise BadSetting("Features that are hashes in Redis are only read; fill them by other means.")
        self.prefix = prefix.encode()
        try:
            self.client = Redis.from_url(server, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        except (ValueError, TypeError, RedisError) as error:
            raise BadSetting(f"This is no URL of Redis: {error}.") from None

    def load(self, read: Callable[[], Records], n_bytes: int, replace: bool) -> Loaded:
        """Store records, once all were read without a fault; see lmdb_load.load.

        Raises:
            StoreNotWritten: if Redis fails, perhaps after it took a part of them: load again.
        """
        for _ in read():
            pass
        _asked(self.client.ping)
        try:
            return self._load(read(), replace)
        except RedisError as error:
            sentence = f"Redis failed, and may have a part of the rows: {_words(error)}"
            raise StoreNotWritten(f"{sentence} Load again; what is there stays as it is.") from None

    def get(self, id: str) -> bytes | None:
        """Return what is stored under an id."""
        found: bytes | None = _asked(lambda: self.client.get(self.prefix + id.encode()))
        return found

    def count(self) -> int:
        """Return how many ids there are, by a look at all keys."""
        return int(_asked(lambda: sum(1 for _ in self._keys())))

    def _load(self, records: Records, replace: bool) -> Loaded:
        loaded, seen = Loaded(), set[bytes]()
        for ids, new in records:
            self._put([self.prefix + id for id in ids], new, loaded)
            if replace:
                seen.update(ids)
        if replace:
            loaded.removed = self._remove(seen)
        return loaded

    def _put(self, keys: Sequence[bytes], records: Sequence[bytes], loaded: Loaded) -> None:
        changed: dict[bytes, bytes] = {}
        old: Any = self.client.mget(keys)
        for key, record, there in zip(keys, records, old, strict=True):
            if there is None:
                loaded.new += 1
            elif there[:-STAMP_BYTES] == record[:-STAMP_BYTES]:
                loaded.same += 1
                continue
            else:
                loaded.changed += 1
            changed[key] = record
        if changed:
            self.client.mset(changed)

    def _remove(self, kept: set[bytes]) -> int:
        """Remove all ids but those that are kept; return how many."""
        others = (key for key in self._keys() if key[len(self.prefix) :] not in kept)
        return sum(int(self.client.unlink(*keys)) for keys in _batches(others))

    def _keys(self) -> Iterator[bytes]:
        pattern = b"".join(b"\\" + bytes([byte]) if byte in b"*?[]^\\-" else bytes([byte]) for byte in self.prefix)
        keys: Iterator[bytes] = self.client.scan_iter(pattern + b"*", count=_SCANNED)
        return keys


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except RedisError as error:
        raise StoreNotWritten(f"Redis cannot be asked: {_words(error)}") from None


def _words(error: RedisError) -> str:
    """Return what went wrong as a sentence; most of Redis' end in a full stop already."""
    return f"{str(error).rstrip('. ')}."


def _batches(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _SCANNED:
            yield batch
            batch = []
    if batch:
        yield batch
