"""The embedded store: LMDB in a folder, which several processes of one machine share. No server has to run.

Its records are keys and values of one B+ tree. Reading is a look into memory; a change is one transaction, whole after
a crash at any instant, or not there (tests/features/test_killed_load.py).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lmdb

from forest_serving.features.lmdb_environment import Environment, reason_of
from forest_serving.features.lmdb_writer import Writer
from forest_serving.features.source import SourceFailed

_PAGE_BYTES = 1 << 20


class LmdbStore:
    """A store in a folder: a LocalSource, and Writable.

    Args:
        folder: where it is, or is made. On a read-only disk it is only read.

    Raises:
        BadSetting: with a sentence about the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.environment = Environment(folder)
        self._writer = Writer(self.environment)
        self.change = self._writer.change

    def look_up(self, ids: Sequence[str]) -> list[bytes | None]:
        """Return what is stored under ids, see Source.fetch."""
        with self.environment.lock:
            try:
                transaction: Any = self.environment.begin()
                found = list(map(transaction.get, map(str.encode, ids)))
                transaction.abort()
            except lmdb.Error as error:
                raise SourceFailed(reason_of(error)) from error
        return found

    def stamp(self) -> int:
        """Return a number that is another one once a look-up finds what somebody has changed; 0 if none can be made."""
        with self.environment.lock:
            try:
                with self.environment.begin() as transaction:
                    return int(transaction.id())  # the environment's info may know of a change before look-ups do
            except lmdb.Error:
                return 0

    async def page(self, after: str, limit: int) -> list[tuple[str, bytes]]:
        """Return ids and records behind an id, see Writable.page."""
        with self.environment.lock:
            try:
                with self.environment.begin() as transaction, transaction.cursor() as cursor:
                    return _page(cursor, after.encode(), limit)
            except lmdb.Error as error:
                raise SourceFailed(reason_of(error)) from error

    def close(self) -> None:
        """Close the store, unless a change still waits for another process; this one is about to end, then."""
        if self._writer.stop():
            self.environment.close()


def _page(cursor: Any, after: bytes, limit: int) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    n_bytes, is_there = 0, cursor.set_range(after) if after else cursor.first()
    if is_there and cursor.key() == after:
        is_there = cursor.next()
    while is_there and len(found) < limit and n_bytes < _PAGE_BYTES:
        key, record = cursor.item()
        found.append((key.decode(), record))
        n_bytes += len(record)
        is_there = cursor.next()
    return found
