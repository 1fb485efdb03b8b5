"""An LMDB environment in a folder: how it is opened, how it grows, and what its failures are called.

LMDB maps the file into memory, reads it there, and writes it by pwrite, so that a full disk is an error and no signal.
Several processes may have it open. A map has a size; whichever process needs a larger one makes its own larger.
"""

import errno
import mmap
import os
from pathlib import Path
from threading import Lock

import lmdb

from forest_serving.errors import BadSetting

FILE, LOCK_FILE = "data.mdb", "lock.mdb"
_MAP_BYTES = 1 << 30  # of address space, not of memory
_LEAST_MAP_BYTES = 1 << 24
_MAX_READERS = 1022  # one or two for each process
_LEAST_ROOM_BYTES = 65_536
_LOCK_BYTES = 65_536  # what LMDB takes for so many
_open_folders: set[tuple[int, int]] = set()  # a process that opens one twice loses its locks, as fcntl has them


class Environment:
    """An open store.

    Args:
        folder: where it is, or is made, unless it cannot be written: then it is only read.

    Attributes:
        db: LMDB's environment.
        lock: to be held while a transaction reads, so that the map does not change under it.
        can_write: whether this process may change it.

    Raises:
        BadSetting: with a sentence about the folder.
    """

    db: lmdb.Environment

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._key = _claim(folder)
        except OSError as error:
            raise _unusable(folder, error.strerror or str(error)) from None
        try:
            self.can_write = _reserve_lock_file(folder)
            self.db = self._opened()
        except OSError as error:
            _open_folders.discard(self._key)
            raise _unusable(folder, error.strerror or str(error)) from None
        except lmdb.Error as error:
            _open_folders.discard(self._key)
            raise _unusable(folder, reason_of(error)) from None
        if self.can_write:
            self.db.reader_check()

    def close(self) -> None:
        """Close it; nobody may use it any more."""
        self.db.close()
        _open_folders.discard(self._key)

    def _opened(self) -> lmdb.Environment:
        """Return the environment, with a map as large as this process may have."""
        size = _MAP_BYTES
        while True:
            try:
                return lmdb.open(
                    str(self.folder),
                    map_size=size,
                    readonly=not self.can_write,
                    lock=self.can_write,  # no lock file can be written there, and nobody changes what is read
                    mode=0o600,
                    max_readers=_MAX_READERS,
                    max_dbs=0,
                )
            except lmdb.MemoryError:
                size //= 2
                if size < _LEAST_MAP_BYTES:
                    raise

    def begin(self) -> lmdb.Transaction:
        """Return a transaction that reads; the lock is held until it ends.

        Raises:
            lmdb.Error: if the store cannot be read.
        """
        try:
            return self.db.begin()
        except lmdb.Error as error:
            self._repair(error)
        return self.db.begin()

    def begin_to_write(self) -> lmdb.Transaction:
        """Return a transaction that writes, as soon as no other process does.

        Raises:
            lmdb.Error: if the store cannot be written.
        """
        try:
            return self.db.begin(write=True)
        except lmdb.Error as error:
            with self.lock:
                self._repair(error)
        return self.begin_to_write()

    def _repair(self, error: lmdb.Error) -> None:
        """Do what LMDB wants before the next transaction, or raise the error again; the lock is held."""
        if isinstance(error, lmdb.MapResizedError):
            self._fit()
        elif isinstance(error, lmdb.ReadersFullError) and self.db.reader_check():
            pass
        elif isinstance(error, lmdb.PanicError):  # a disk failed in the middle of a commit
            self.db.close()
            self.db = self._opened()
        else:
            raise error

    def reason_of(self, error: BaseException) -> str:
        """Return why something could not be written, in words."""
        if not isinstance(error, lmdb.Error):
            return str(error) or type(error).__name__
        room = os.statvfs(self.folder)
        # LMDB takes a write of less than all for a failure of the disk, as it is on one that is almost full.
        is_full = room.f_bavail * room.f_frsize < _LEAST_ROOM_BYTES
        return "the disk is full" if is_full else reason_of(error)

    def size(self) -> int:
        """Return how long the file is, up to the last page in use."""
        return (int(self.db.info()["last_pgno"]) + 1) * int(self.db.stat()["psize"])

    def map_size(self) -> int:
        """Return how long the file may be, as far as this process goes."""
        return int(self.db.info()["map_size"])

    def grow(self, size: int = 0) -> None:
        """Make the map larger: at least so, and at least twice as large; no transaction of this process is open.

        Raises:
            lmdb.MemoryError: if this process may not have so much address space.
        """
        with self.lock:
            self.db.reader_check()  # what a killed reader looked at may be used again
            self._resize(max(size, 2 * self.map_size()))

    def _fit(self) -> None:
        """Make the map as large as what another process has written."""
        size = (self.folder / FILE).stat().st_size
        if size > self.map_size():
            self._resize(2 * size)

    def _resize(self, size: int) -> None:
        try:
            mmap.mmap(-1, size, prot=mmap.PROT_READ).close()  # LMDB lets go of the old map before it asks for the new
        except (OSError, ValueError, ArithmeticError):
            raise lmdb.MemoryError("no address space is left") from None
        self.db.set_mapsize(size)


def reason_of(error: lmdb.Error) -> str:
    """Return what went wrong, as words for a sentence."""
    if isinstance(error, lmdb.InvalidError | lmdb.VersionMismatchError | lmdb.CorruptedError):
        return f"its {FILE} is no store of features"
    return str(error).rpartition(": ")[2]


def _unusable(folder: Path, reason: str) -> BadSetting:
    fix = "Name a folder that this user can write, or that is on a read-only disk"
    return BadSetting(f"The folder of features, {folder}, cannot be used: {reason}. {fix}.")


def _claim(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    key = found.st_dev, found.st_ino
    if key in _open_folders:
        raise OSError(errno.EBUSY, "this process has it open already")
    _open_folders.add(key)
    return key


def _reserve_lock_file(folder: Path) -> bool:
    """Return whether the folder can be written; what LMDB maps for its locks has room on the disk then.

    Without that room, a full disk would end the process by a signal as soon as it reads.
    """
    try:
        file = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.EROFS or not (folder / FILE).is_file():
            raise
        return False
    try:
        if hasattr(os, "posix_fallocate"):  # macOS has none
            os.posix_fallocate(file, 0, _LOCK_BYTES)
    finally:
        os.close(file)
    return True
