"""A CSV file, which may be gzipped: texts, a few thousand lines at a time."""

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forest_serving.errors import BadFeaturesFile
from forest_serving.loading.rows import PIECE_ROWS, Rows
from forest_serving.rows.words import shown


class CsvTable:
    """A file whose first line names its columns.

    Args:
        path: the file's.
        is_gzipped: whether it has to be unpacked.

    Attributes:
        names: of the columns.
        place: what a row's place is called.
        are_texts: whether all values are texts.
        packing: by how much the file may be smaller than what is in it.

    Raises:
        BadFeaturesFile: naming the file, the line and the fix; also while it is read.
    """

    place, are_texts = "line", True

    def __init__(self, path: Path, is_gzipped: bool = False) -> None:
        self.path = path
        self.is_gzipped = is_gzipped
        self.packing = 20 if is_gzipped else 1
        self.n_bytes = max(1, path.stat().st_size)
        with self._opened() as (reader, _):
            self.names = self._header(reader)

    def read(self) -> Iterator[Rows]:
        """Return the file's rows, from the first."""
        with self._opened() as (reader, position):
            next(reader, None)
            places: list[int] = []
            rows: list[list[str]] = []
            for fields in reader:
                if fields:
                    rows.append(fields)
                    places.append(reader.line_num)
                    if len(rows) == PIECE_ROWS:
                        yield self._piece(places, rows, position())
                        places, rows = [], []
            if rows:
                yield self._piece(places, rows, position())

    def _piece(self, places: list[int], rows: list[list[str]], position: int) -> Rows:
        n_columns = len(self.names)
        if set(map(len, rows)) != {n_columns}:
            place, row = next((p, row) for p, row in zip(places, rows, strict=True) if len(row) != n_columns)
            wrong = f"{self.path}, line {place:,} has {len(row)} values, the first line {n_columns}"
            raise BadFeaturesFile(f"{wrong}. Fix that line.")
        return Rows(places, list(zip(*rows, strict=True)), position / self.n_bytes)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        """Yield a reader of the file, and what tells how many bytes of it were read."""
        try:
            with self.path.open("rb") as raw:
                binary: Any = gzip.GzipFile(fileobj=raw) if self.is_gzipped else raw
                with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
                    yield csv.reader(text, strict=True), raw.tell
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadFeaturesFile(f"{self.path} is damaged, or not all of a gzipped file ({error}).") from None
        except OSError as error:
            raise BadFeaturesFile(f"{self.path} cannot be read: {error.strerror or error}.") from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadFeaturesFile(f"{self.path} is not CSV in UTF-8 ({error}). Save it as that.") from None

    def _header(self, reader: Any) -> list[str]:
        names = [name.strip() for name in next(reader, [])]
        if not names:
            raise BadFeaturesFile(f"{self.path} is empty. Its first line must name the columns.")
        if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
            raise BadFeaturesFile(f"{self.path}, line 1 has no commas. Save the file separated by commas.")
        if doubled := [name for name, count in Counter(names).items() if count > 1]:
            raise BadFeaturesFile(f'{self.path}, line 1 has the column "{shown(doubled[0])}" twice. Rename one.')
        return names
