"""A Parquet file: typed values, a few thousand rows at a time."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from forest_serving.errors import BadFeaturesFile
from forest_serving.loading.rows import PIECE_ROWS, Rows
from forest_serving.rows.words import shown


class ParquetTable:
    """A file whose columns have names and types.

    Args:
        path: the file's.

    Attributes:
        names: of the columns.
        place: what a row's place is called.
        are_texts: whether all values are texts.
        packing: by how much the file may be smaller than what is in it.

    Raises:
        BadFeaturesFile: naming the file and the fix; also while it is read.
    """

    place, are_texts, packing = "row", False, 20

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow  # an extra of this package
            import pyarrow.parquet
        except ModuleNotFoundError:
            fix = 'Run: pip install "forest-serving[parquet]"; or save the file as CSV'
            raise BadFeaturesFile(f"{path} is a Parquet file, which needs pyarrow. {fix}.") from None
        self.path = path
        self.n_bytes = path.stat().st_size
        self._faults = (pyarrow.ArrowException, OSError, ValueError)
        self._open = pyarrow.parquet.ParquetFile
        try:
            with self._open(path) as file:
                self.names: list[str] = file.schema_arrow.names
                self.n_rows = max(1, file.metadata.num_rows)
        except self._faults as error:
            raise self._damaged(error) from None
        if doubled := [name for name, count in Counter(self.names).items() if count > 1]:
            raise BadFeaturesFile(f'{path} has the column "{shown(doubled[0])}" twice. Rename one.')

    def read(self) -> Iterator[Rows]:
        """Return the file's rows, from the first."""
        first = 1
        try:
            with self._open(self.path) as file:
                for batch in file.iter_batches(PIECE_ROWS):
                    columns = [_plain(column.to_pylist()) for column in batch.columns]
                    yield Rows(range(first, first + batch.num_rows), columns, first / self.n_rows)
                    first += batch.num_rows
        except self._faults as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> BadFeaturesFile:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return BadFeaturesFile(f"{self.path} cannot be read as Parquet: {reason}.")


def _plain(values: list[Any]) -> list[Any]:
    """Return values of JSON's types, as far as there are such."""
    if Decimal not in set(map(type, values)):
        return values
    return [float(value) if isinstance(value, Decimal) else value for value in values]
