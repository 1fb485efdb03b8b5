"""A folder for sockets that nobody but this user may enter, and that goes away when the process ends."""

import atexit
import os
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PREFIX = "forest-"
# A socket's path may have 107 bytes on Linux and 103 on macOS. mkdtemp adds 8 to the prefix, and a name comes on top.
MAX_PARENT_BYTES = 103 - len("/" + PREFIX) - 8 - len("/control")


def make_private_folder(parents: Iterable[str] | None = None) -> str:
    """Return the path of a new folder, mode 0700.

    Args:
        parents: where it may be; the first that is fit for it is taken.

    Raises:
        SystemExit: with one sentence if none is.
    """
    for parent in usual_parents() if parents is None else parents:
        with suppress(OSError):
            _check(parent)
            folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            return folder
    sys.exit(
        "bentoml serve --reload needs a folder for its sockets, and none of TMPDIR, XDG_RUNTIME_DIR, /tmp and /var/tmp"
        f" is writable, safe from other users and at most {MAX_PARENT_BYTES} bytes long: set TMPDIR to one that is."
    )


def usual_parents() -> Iterator[str]:
    """Return the folders for what is temporary."""
    with suppress(FileNotFoundError):
        yield tempfile.gettempdir()  # TMPDIR, if it can be written
    yield from (os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp")  # noqa: S108 - looked at first


def _check(parent: str) -> None:
    mode = Path(parent).stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise PermissionError  # others could put a folder of theirs in the place of ours
    if not Path(parent).is_absolute() or len(os.fsencode(parent)) > MAX_PARENT_BYTES:
        raise FileNotFoundError
    if shlex.quote(parent) != parent:
        raise FileNotFoundError  # Circus puts it into a command line as it is
