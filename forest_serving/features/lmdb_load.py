"""Many records at once into an LMDB store, in one transaction: all of them are there after it, or none is.

LMDB keeps the pages that a transaction changed in memory, up to half a gigabyte; others it writes beside what is there.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lmdb
import msgspec

from forest_serving.errors import StoreNotWritten
from forest_serving.features.lmdb_environment import FILE, Environment
from forest_serving.features.records import STAMP_BYTES

Records = Iterable[tuple[Sequence[bytes], Sequence[bytes]]]  # ids and records, piece by piece


class Loaded(msgspec.Struct):
    """How many ids were new, changed, as they are already, or removed."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0


def load(folder: Path, read: Callable[[], Records], n_bytes: int, replace: bool) -> Loaded:
    """Store records; of those that are there already but for the time, nothing is changed.

    Args:
        folder: the store's, which others may have open.
        read: returns all records; it is asked again if the map was too small for them.
        n_bytes: how large the records may be, together.
        replace: whether ids that do not come are removed.

    Raises:
        BadSetting: if the folder cannot be used.
        StoreNotWritten: if the disk is full, or fails; nothing was changed then.
        Exception: what read() raises; nothing was changed then.
    """
    environment = Environment(folder)
    try:
        if not environment.can_write:
            raise StoreNotWritten(f"The features in {folder} are on a read-only disk, and nothing was changed.")
        _make_room(environment, n_bytes)
        return _load(environment, read, replace)
    finally:
        environment.close()


def _load(environment: Environment, read: Callable[[], Records], replace: bool) -> Loaded:
    while True:
        try:
            with _writing(environment) as transaction:
                return _put_all(environment, transaction, read(), replace)
        except lmdb.MapFullError:
            environment.grow()


def _make_room(environment: Environment, n_bytes: int) -> None:
    """Make the map large enough at once, if this process may have so much address space."""
    size = environment.size() + n_bytes
    while size > 2 * environment.map_size():
        try:
            environment.grow(size)
        except lmdb.MemoryError:
            size //= 2


@contextmanager
def _writing(environment: Environment) -> Iterator[Any]:
    """Yield a transaction; what a failed one left behind the end of the store is given back to the disk."""
    transaction = environment.begin_to_write()
    try:
        yield transaction
        transaction.commit()
    except BaseException as error:
        transaction.abort()
        reason = environment.reason_of(error)
        _trim(environment)
        if isinstance(error, lmdb.Error) and not isinstance(error, lmdb.MapFullError):
            fix = "Make room, or let it be written, and load again"
            sentence = f"The features in {environment.folder} were not changed: {reason}. {fix}."
            raise StoreNotWritten(sentence) from None
        raise


def _trim(environment: Environment) -> None:
    transaction = environment.begin_to_write()  # so that nobody writes there meanwhile
    try:
        size = environment.size()
        if size < (environment.folder / FILE).stat().st_size:
            os.truncate(environment.folder / FILE, size)
    finally:
        transaction.abort()


def _put_all(environment: Environment, transaction: Any, records: Records, replace: bool) -> Loaded:
    loaded = Loaded()
    n_before = transaction.stat()["entries"]
    if not replace:
        for ids, new in records:
            _put(transaction, transaction.get, ids, new, loaded)
        return loaded
    with environment.db.begin() as before:
        transaction.drop(environment.db.open_db(None, txn=transaction), delete=False)
        for ids, new in records:
            _put_anew(transaction, before.get, ids, new, loaded)
    loaded.removed = n_before - loaded.changed - loaded.same
    return loaded


def _put(transaction: Any, get: Any, ids: Sequence[bytes], records: Sequence[bytes], loaded: Loaded) -> None:
    put, n_new, n_same = transaction.put, 0, 0
    for id, record in zip(ids, records, strict=True):
        old = get(id)
        if old is None:
            n_new += 1
        elif old[:-STAMP_BYTES] == record[:-STAMP_BYTES]:
            n_same += 1
            continue
        put(id, record)
    loaded.new += n_new
    loaded.same += n_same
    loaded.changed += len(ids) - n_new - n_same


def _put_anew(transaction: Any, get: Any, ids: Sequence[bytes], records: Sequence[bytes], loaded: Loaded) -> None:
    put = transaction.put
    for id, record in zip(ids, records, strict=True):
        old = get(id)
        if old is None:
            loaded.new += 1
        elif old[:-STAMP_BYTES] == record[:-STAMP_BYTES]:
            loaded.same += 1
            put(id, old)
            continue
        else:
            loaded.changed += 1
        put(id, record)
