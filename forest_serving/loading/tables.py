"""A file of features: which kind it is, told by how it begins."""

from pathlib import Path

from forest_serving.errors import BadFeaturesFile
from forest_serving.loading.csv_table import CsvTable
from forest_serving.loading.parquet_table import ParquetTable

Table = CsvTable | ParquetTable
_PARQUET = b"PAR1"


def open_table(path: Path) -> Table:
    """Return a file's table, which can be read several times.

    Raises:
        BadFeaturesFile: naming the file and the fix.
    """
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise BadFeaturesFile(f"{path} {what}. Name a file of CSV, which may be gzipped, or of Parquet.")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise BadFeaturesFile(f"{path} cannot be read: {error.strerror}. Name a file that can.") from None
    return ParquetTable(path) if start == _PARQUET else CsvTable(path, is_gzipped=start[:2] == b"\x1f\x8b")
