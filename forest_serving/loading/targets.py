"""Where features are loaded to, by its path or URL."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from forest_serving.errors import BadSetting
from forest_serving.features.lmdb_load import Loaded, Records, load
from forest_serving.features.lmdb_store import LmdbStore
from forest_serving.settings_values import features_scheme, features_source


class Target(Protocol):
    """A store that a command can fill."""

    def load(self, read: Callable[[], Records], n_bytes: int, replace: bool) -> Loaded:
        """Store records; see lmdb_load.load."""
        ...

    def get(self, id: str) -> bytes | None:
        """Return what is stored under an id."""
        ...

    def count(self) -> int:
        """Return how many ids there are."""
        ...


class Folder:
    """An embedded store.

    Args:
        path: its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, read: Callable[[], Records], n_bytes: int, replace: bool) -> Loaded:
        """Store records; see lmdb_load.load."""
        return load(self.path, read, n_bytes, replace)

    def get(self, id: str) -> bytes | None:
        """Return what is stored under an id."""
        store = self._opened()
        try:
            return store.look_up([id])[0]
        finally:
            store.close()

    def count(self) -> int:
        """Return how many ids there are."""
        store = self._opened()
        try:
            return int(store.environment.db.stat()["entries"])
        finally:
            store.close()

    def _opened(self) -> LmdbStore:
        if not self.path.exists():
            raise BadSetting(f"There are no features in {self.path}. Name the folder that they were loaded to.")
        return LmdbStore(self.path)


def target_of(store: str) -> Target:
    """Return the store at a path or URL.

    Raises:
        BadSetting: if features cannot be loaded there.
    """
    try:
        scheme = features_scheme(features_source(store))
    except ValueError as error:
        raise BadSetting(f"Where features are stored must be {error}.") from None
    if not scheme:
        return Folder(Path(store))
    if scheme in ("redis", "rediss", "unix"):
        from forest_serving.features.redis_load import RedisTarget  # which only this needs

        return RedisTarget(store)
    shown = "a source of your own" if scheme == "python" else f"{scheme}://"
    raise BadSetting(f"Features cannot be loaded to {shown} from here. Name a folder, or a URL of Redis.")
