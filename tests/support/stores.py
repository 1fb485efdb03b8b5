"""Stores of features in this process, as requests meet them."""

import contextlib

from forest_serving.features.lmdb_store import LmdbStore

WRITER = [(b"authorization", b"Bearer writer")]
KEYS = {"FOREST_WRITE_KEYS": "writer"}


class Local:
    """A local source, as protocols ask it."""

    def __init__(self, source):
        self.source = source

    def find(self, ids):
        return self.source.look_up(ids)

    def forget(self, ids):
        pass


@contextlib.contextmanager
def embedded(folder):
    """Yield an embedded store in a folder, as protocols ask it."""
    store = LmdbStore(folder)
    try:
        yield Local(store)
    finally:
        store.close()
