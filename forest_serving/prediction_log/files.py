"""Records as lines of JSON in files, of which the oldest go when all together take too much room.

A line is there whole or not at all: what a full disk took of it is cut off again. Only a process that is killed can
leave a torn one, the last of its file; another process never writes to that file.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from time import monotonic

import msgspec

from forest_serving.prediction_log.names import FILE_MODE, FOLDER_MODE, is_ours, new_name
from forest_serving.prediction_log.records import Record

MOST_FILE_BYTES = 2**26
MOST_FILE_S = 3600.0
_ENCODER = msgspec.json.Encoder()


class Files:
    """A folder of files; several workers, and several models, may share it.

    Args:
        folder: where.
        model: the model's name.
        max_bytes: what all files in it may take.
    """

    name = "disk"

    def __init__(self, folder: Path, model: str, max_bytes: int) -> None:
        self.folder, self.model = folder, model
        self.max_bytes = max_bytes
        self._file_bytes = min(MOST_FILE_BYTES, max_bytes // 16)
        # Each worker looks again after so many bytes, and leaves room for what the others write meanwhile.
        self._look_bytes, self._room_bytes = max_bytes // 1024, max_bytes // 8
        self._n_since_look = self._look_bytes
        self._descriptor: int | None = None
        self._path = folder
        self._n_bytes = 0
        self._until_s = 0.0

    def prepare(self, records: Sequence[Record]) -> bytes:
        """Return records as lines."""
        lines: bytes = _ENCODER.encode_lines(records)
        return lines

    def write(self, prepared: Iterable[bytes]) -> None:
        """Write lines; raise OSError if the disk does not take all of them."""
        lines = b"".join(prepared)
        if self._is_due(len(lines)):
            self._end_file()
        self._make_room(len(lines))
        descriptor = self._open() if self._descriptor is None else self._descriptor
        try:
            _write_all(descriptor, lines)
        except OSError:
            self._cut_off(descriptor)
            raise
        self._n_bytes += len(lines)

    def rest(self) -> None:
        """End the file, if it is old enough."""
        if self._is_due(0):
            self._end_file()

    def _is_due(self, n_bytes: int) -> bool:
        """Return whether the file that is open is full or old, or somebody has removed it."""
        if self._descriptor is None:
            return False
        is_full = self._n_bytes > 0 and self._n_bytes + n_bytes > self._file_bytes
        return is_full or monotonic() > self._until_s or not os.fstat(self._descriptor).st_nlink

    def _open(self) -> int:
        self.folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)  # somebody may have tidied up
        self._path = self.folder / new_name(self.model)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, FILE_MODE)
        self._n_bytes, self._until_s = 0, monotonic() + MOST_FILE_S
        return self._descriptor

    def _cut_off(self, descriptor: int) -> None:
        """Take away what was written in part, or go on in another file."""
        try:
            os.ftruncate(descriptor, self._n_bytes)
            os.lseek(descriptor, self._n_bytes, os.SEEK_SET)
        except OSError:
            self._end_file()

    def _end_file(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
            if not self._n_bytes:
                self._path.unlink(missing_ok=True)

    def _make_room(self, n_bytes: int) -> None:
        """Remove the oldest files, should all together come near max_bytes."""
        self._n_since_look += n_bytes
        if self._n_since_look < self._look_bytes:
            return
        self._n_since_look = 0
        files = sorted(_files_in(self.folder))
        n_too_many = sum(size for _, _, size in files) + n_bytes + self._room_bytes - self.max_bytes
        for _, path, size in files:
            if n_too_many > 0 and path != self._path:
                with suppress(OSError):  # another worker was faster, or may remove it
                    path.unlink()
                n_too_many -= size


def _files_in(folder: Path) -> list[tuple[int, Path, int]]:
    """Return each file of a log: when it was written to last, its path and its size; nothing of other people's."""
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if is_ours(entry.name) and S_ISREG(status.st_mode):
                    found.append((status.st_mtime_ns, folder / entry.name, status.st_size))
    return found


def _write_all(descriptor: int, lines: bytes) -> None:
    left = memoryview(lines)
    while left:
        left = left[os.write(descriptor, left) :]
