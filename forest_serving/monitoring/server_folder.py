"""A folder for one server's counts, which nobody else reads or deletes, and which goes when the server does."""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "forest-counts-"


def make_server_folder() -> Path:
    """Return a new folder that only this user can enter; it is removed when this process ends.

    Those that killed servers have left are removed too: a lock on the folder, which the kernel drops with the process,
    says whether its server lives. It also keeps systemd's tidying of /tmp away.

    Raises:
        OSError: if it cannot be made.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_if_left(folder)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        descriptor = _lock(folder, fcntl.LOCK_EX)
        if descriptor is not None and folder.exists():  # or it was taken for left, in the moment before it was locked
            atexit.register(_remove_own, folder, os.getpid())
            return folder


def _lock(folder: Path, how: int) -> int | None:
    """Return an open descriptor of a folder that is locked, or None."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, how)
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
    return None


def _remove_if_left(folder: Path) -> None:
    descriptor = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if descriptor is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_own(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # not in a copy of the process
        shutil.rmtree(folder, ignore_errors=True)
