"""NumPy's file format, whose header is text that anybody may write."""

import io
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.errors import RequestError
from forest_serving.rows.columns import Columns
from forest_serving.rows.npy import read_npy, write_npy
from forest_serving.rows.tensors import NumberArrays
from tests.support.cards import card

ARRAYS = NumberArrays(Columns(card()))
ROWS = np.arange(12, dtype=np.float64).reshape(3, 4)
DATA = ROWS.tobytes()


def npy(header, data=DATA, version=(1, 0), length=None):
    """Return a file with this header, whose length may be a lie."""
    text = header if isinstance(header, bytes) else header.encode("latin-1")
    size = (len(text) if length is None else length).to_bytes(2 if version == (1, 0) else 4, "little")
    return b"\x93NUMPY" + bytes(version) + size + text + data


def described(shape="(3, 4)", descr="'<f8'", order="False"):
    """Return a header."""
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


SHAPES = ["(True, 4)", "(3, True)", "(True,)", "True", "(False, 4)", "(-3, -4)", "(-1, 4)", "(3.0, 4)", "(3, 4.0)", "3"]
SHAPES += [
    "((3,), 4)",
    "[3, 4]",
    "('3', 4)",
    "(None, 4)",
    "()",
    "(3j, 4)",
    "{3, 4}",
    "(3, 4, 1)",
    "(b'3', 4)",
    "-(3, 4)",
]
SHAPES += ["(0x3, 5)", f"({'9' * 900}, 4)", f"(3, {'9' * 900})", "(1e999, 4)", "(" * 200, "-" * 900 + "3", "(3, 4), "]
TYPES = ["'O'", "'<U8'", "'V8'", "'<M8[s]'", "'<c16'", "'<f16'", "[('a', '<f8')]", "'f0'", "('<f8', (2,))", "None", "8"]
TYPES += ["''", "'<f8,<f8'", "{'names': []}", "'|a3'", "'?'", "'<f" + "8" * 900 + "'"]
HEADERS = [
    "",
    "{}",
    "{",
    "}",
    "\x00",
    "None",
    "{'descr': '<f8'}",
    "{'shape': (3, 4)}",
    "(" * 900,
    "[" * 900,
    "\\",
    "'\\d'",
]
HEADERS += [
    "\xff\xfe",
    "{1: 2, 3: 4, 5: 6}",
    "__import__('os')",
    "x" * 5000,
    described()[:-3] + "'shape': 0}",
    "1if 2else 3",
]
HEADERS += [
    described().replace("}", ", 'more': 1}"),
    described().replace("'<f8'", "'<f8', 'descr': 'O'"),
    "{**{}}",
    "f'{1}'",
]
BODIES = [npy(described(shape)) for shape in SHAPES] + [npy(described(descr=descr)) for descr in TYPES]
BODIES += [npy(header) for header in HEADERS] + [npy(described(order=order)) for order in ("1", "None", "'x'")]
BODIES += [npy(described(), length=n) for n in (0, 1, 65_535)] + [npy(described(), version=(v, 0)) for v in (0, 3, 4)]
BODIES += [npy(described(), version=(2, 0), length=n) for n in (2**31, 2**32 - 1)]
BODIES += [npy(described(), data=data) for data in (b"", b"x", ROWS.tobytes() + b"x", ROWS.tobytes()[:-1])]
BODIES += [write_npy(ROWS)[:n] for n in (0, 5, 6, 8, 9, 10, 60)]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[8:48]))
def test_a_file_that_is_no_array_of_rows_is_the_clients_fault(body):
    """Never ours, whatever fails while its header is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's own, of odd literals
        with pytest.raises(RequestError) as refused:
            read_npy(body, ARRAYS, 100)
    assert len(refused.value.message) < 200


@given(
    st.text(alphabet="{}()[]'\"descrfotan_hp:<>|=0123456789.,-+*TrueFalsNo \\\n\x00", max_size=200),
    st.binary(max_size=64),
)
def test_any_header_is_rows_or_the_clients_fault(header, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RequestError):
            read_npy(npy(header, data), ARRAYS, 100)


@given(
    st.tuples(st.sampled_from(["True", "0", "1", "3", "-1", "4.0", "None"]), st.sampled_from(["4", "True", "(4,)"])),
    st.sampled_from(["'<f8'", "'>f4'", "'|i1'", "'?'", "'<u8'"]),
    st.sampled_from(["True", "False", "1"]),
)
def test_a_header_that_is_nearly_right_is_rows_or_the_clients_fault(sizes, descr, order):
    body = npy(described(f"({', '.join(sizes)})", descr, order))
    try:
        rows = read_npy(body, ARRAYS, 100)
    except RequestError:
        return
    assert np.array_equal(rows, np.load(io.BytesIO(body)))


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_numpy_saves_is_read(version, order):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(ROWS, order=order), version=version)
    assert np.array_equal(read_npy(stream.getvalue(), ARRAYS, 100), ROWS)
