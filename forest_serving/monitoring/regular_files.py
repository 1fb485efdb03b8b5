"""Reading and writing files in a folder where somebody may have put anything: pipes, links, folders, huge files."""

import os
from errno import EFBIG, EINVAL
from pathlib import Path
from stat import S_ISREG

_NEITHER_WAIT_NOR_FOLLOW = os.O_NONBLOCK | os.O_NOFOLLOW


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return a file's content.

    Raises:
        OSError: if it cannot be read, is no regular file, or is longer than max_bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | _NEITHER_WAIT_NOR_FOLLOW)
    try:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode):
            raise OSError(EINVAL, "not a regular file", str(path))
        if status.st_size > max_bytes:
            raise OSError(EFBIG, "too long", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(max_bytes)
    finally:
        os.close(descriptor)


def replace_regular(path: Path, content: bytes) -> None:
    """Write a file as a whole, for this user only: who reads it meanwhile gets the old or the new one.

    Raises:
        OSError: if it cannot be written.
    """
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NEITHER_WAIT_NOR_FOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
