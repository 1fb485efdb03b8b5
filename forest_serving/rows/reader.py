"""Every reader of one model's rows, made from its card."""

from forest_serving.card import Card
from forest_serving.rows.csv_rows import CsvReader
from forest_serving.rows.few_rows import FewRows
from forest_serving.rows.instances import InstanceReader
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.json_body import SizeLimit, text_of
from forest_serving.rows.json_pieces import JsonPieces
from forest_serving.rows.json_rows import JsonReader
from forest_serving.rows.named_tensors import TensorReader
from forest_serving.rows.npy import read_npy
from forest_serving.rows.numbers import Rows
from forest_serving.rows.stored_records import StoredRecords
from forest_serving.rows.tensors import NumberArrays
from forest_serving.settings import Settings


class RowReader:
    """Reads rows in any format.

    Args:
        card: the model's.
        settings: the limits.

    Attributes:
        columns: what stands in a row.
        instances: reads Python's values.
        few: reads few rows of JSON, if they are surely good.
        arrays: reads many rows of JSON, if they are surely good.
        numbers: takes arrays of numbers.
        json: reads rows that stand in a JSON body.
        json_pieces: reads rows that are a JSON body, or lines of one, piece by piece.
        csv: reads lines.
        tensors: reads the Open Inference Protocol's inputs.
        stored: reads what is stored under ids.
        size_limit: what is too much to be read as JSON.
    """

    def __init__(self, card: Card, settings: Settings) -> None:
        self.instances = InstanceReader(card)
        self.columns = self.instances.columns
        self.arrays = JsonArrayReader(self.columns)
        self.numbers = NumberArrays(self.columns)
        self.few = FewRows(self.columns, self.arrays.typed, settings)
        self.json = JsonReader(self.instances, self.few, self.arrays, settings.max_rows, text_of([card.example]))
        self.csv = CsvReader(self.columns, self.few, self.arrays, settings)
        self.tensors = TensorReader(self.columns, self.arrays, self.numbers, settings)
        self.stored = StoredRecords(self.columns)
        n_commas = len(self.columns) + self.columns.most(",[{")
        self.size_limit = SizeLimit(settings.max_body_bytes, settings.max_rows, n_commas)
        self.json_pieces = JsonPieces(self.json, self.size_limit)
        self.max_rows, self.max_tensor_rows = settings.max_rows, settings.max_tensor_rows

    def read_npy(self, body: bytes) -> Rows:
        """Return the rows of a NumPy file; see npy.read_npy."""
        return read_npy(body, self.numbers, self.max_tensor_rows)
