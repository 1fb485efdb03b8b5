"""The kernel beside Python and NumPy, to the bit: lists and records of numbers, the bounds of columns, texts."""

import ctypes
import json
import re

import numpy as np

from forest_serving.kernel.bounds import Bounds
from forest_serving.kernel.library import LimitsStruct, address, kernel
from forest_serving.kernel.texts import Texts
from forest_serving.rows.columns import Columns
from forest_serving.rows.number_records import NumberRecords
from tests.support.cards import card, feature
from tests.support.made_engines import NASTY, NO_NUMBERS, Dice

SPACES = ("", "", " ", "\n\t \r")
ODD = (
    "",
    "-",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e+",
    "null",
    '"1"',
    "NaN",
    "Infinity",
    "[1]",
    "1e999",
    "0x1",
    "1 2",
    "½",
)
# What the kernel leaves to others: a number of more than 19 digits or 27 places, or a power of ten above them.
CLOSER = re.compile(r"[0-9.]{20}|[0-9][eE]|\.[0-9]{28}")
decode = json.JSONDecoder(parse_int=float, parse_constant=lambda name: [name]).raw_decode


def check_rows(content):
    """Make rows of bytes, damaged or not, and check what the kernel makes of them. Return whether it took the list."""
    dice = Dice(content)
    n_columns, lows, highs = made_bounds(dice)
    check_bounds(dice, n_columns, lows, highs)
    check_texts(dice)
    text = made_list(dice, n_columns)
    max_rows = dice.pick((1, 2, 1_000))
    found, expected = read(text, max_rows, lows, highs), looked_at(text, max_rows, lows, highs)
    if found is None:
        assert expected is None or CLOSER.search(text.decode("latin-1"))
        return False
    assert expected is not None
    assert (found[0].tobytes(), found[1]) == (expected[0].tobytes(), expected[1])
    return True


def check_records(content):
    """Make records of bytes, damaged or not, and check what the kernel makes of them. Return whether it took them."""
    dice = Dice(content)
    columns = Columns(card(features=tuple(feature(name, lowest=-1e6, highest=1e9) for name in "ab")))
    names = dice.pick((["a", "b"], ["b", "a"], ["b", "x", "a"], ["a", "b", "y"]))
    kind, is_odd = dice.below(8), dice.below(3) == 0
    records = [made_record(dice, names, kind, is_odd) for _ in range(dice.pick((1, 2, 12)))]
    found, expected = NumberRecords(kernel(), columns).read(records), [row_in(record) for record in records]
    if found is None:
        is_odd = any(CLOSER.search(record.decode("latin-1")) or b"x" in record or b"y" in record for record in records)
        assert is_odd or any(row is None or not all(-1e6 <= value <= 1e9 for value in row) for row in expected)
    else:
        assert found.tobytes() == np.array(expected, np.float64).tobytes()
    return found is not None


def made_record(dice, names, kind, is_odd):
    """Return the text of a record, of numbers of a kind, a good one or perhaps not; x and y are none of the model's."""
    space = dice.pick(SPACES)
    values = {name: number(dice.rng, kind) for name in names}
    values |= {
        name: dice.pick(('"at noon"', "1.5", *(("null", '"\\\\"', "[]") if is_odd else ())))
        for name in names
        if name in "xy"
    }
    if is_odd and dice.below(4) == 0:
        values[dice.pick(names)] = dice.pick(ODD)
    text = f"{space},{space}".join(f'"{name}"{space}:{space}{value}' for name, value in values.items())
    text = f"{space}{{{space}{text}{space}}}{dice.pick(SPACES)}".encode()
    return text[: dice.below(len(text))] + dice.pick((b"", b",", b"{}")) if is_odd and dice.below(8) == 0 else text


def row_in(record):
    """Return the numbers a and b of a record as Python reads them; None if it is no record of numbers."""
    try:
        values = json.loads(record, parse_int=float, parse_constant=lambda name: [name])
        row = [values[name] for name in "ab"]
    except (ValueError, KeyError, TypeError):
        return None
    return row if all(isinstance(value, float) for value in row) else None


def made_bounds(dice):
    """Return how many columns there are, and their bounds."""
    n_columns = dice.pick((1, 2, 4, 7))
    bounds = np.sort(dice.rng.choice([-np.inf, -1e300, -3.0, 0.0, 7.5, 1e300, np.inf], (2, n_columns)), axis=0)
    if dice.below(4):
        bounds = np.tile([[-np.inf], [np.inf]], n_columns)
    return n_columns, *bounds


def made_list(dice, n_columns):
    """Return the text of some rows, mostly good ones."""
    n_rows, odd = dice.pick((1, 2, 3, 40)), dice.below(4) == 0
    kind = dice.below(8)
    rows = [[number(dice.rng, kind) for _ in range(n_columns)] for _ in range(n_rows)]
    if odd:
        rows[dice.below(n_rows)][dice.below(n_columns)] = dice.pick(ODD)
    space = dice.pick(SPACES)
    comma, row_comma = f"{space},{space}", f"{space},"
    inside = row_comma.join(f"{space}[{space}{comma.join(row)}{space}]" for row in rows)
    text = f"{space}[{inside}{space}]{dice.pick(SPACES)}{dice.pick(('', '', '}', ']'))}"
    end = len(text) if dice.below(4) else dice.below(len(text))  # it may be cut off anywhere
    return text.encode()[:end]


def number(rng, kind):
    """Return a number's text, of one of seven kinds, or of any: as Python writes it, or with more digits."""
    digits = str(rng.integers(10 ** int(rng.integers(1, 19))))
    kinds = (
        lambda: repr(float(rng.choice(NASTY))),
        lambda: repr(float(rng.normal() * 10.0 ** rng.integers(-5, 9))),
        lambda: f"{rng.normal() * 9:.{rng.integers(1, 4)}f}",
        lambda: f"{digits}.{str(rng.integers(10**9)) * int(rng.integers(1, 3))}"[:20],
        lambda: f"0.{'0' * int(rng.integers(0, 9))}{digits}",
        lambda: f"{2 * int(rng.integers(2**52, 2**53)) + 1}{'.0' * int(rng.integers(2))}",  # half-way between doubles
        lambda: f"{digits}{rng.choice(['e', 'E'])}-{rng.integers(25)}",
    )
    return kinds[rng.integers(7) if kind == 7 else kind]()


def read(text, max_rows, lows, highs):
    """Return rows and their end as the kernel finds them, in memory that ends where the text ends; or None."""
    limits = LimitsStruct(n_columns=len(lows), low=lows, high=highs)
    rows, place, exact = np.empty((max_rows, len(lows))), ctypes.c_int64(0), np.frombuffer(text, np.uint8).copy()
    addresses = ctypes.addressof(limits), address(exact), ctypes.addressof(place)
    n_rows = kernel().read_rows(addresses[0], addresses[1], len(exact), addresses[2], max_rows, address(rows))
    return None if n_rows < 0 else (rows[:n_rows], place.value)


def looked_at(text, max_rows, lows, highs):
    """Return the same as Python finds them."""
    content = text.decode("latin-1")
    try:
        found, end = decode(content, len(content) - len(content.lstrip(" \n\r\t")))
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(found, list) and 0 < len(found) <= max_rows and all(isinstance(row, list) for row in found)
    if not is_list or {len(row) for row in found} != {len(lows)}:
        return None
    if not all(isinstance(value, float) for row in found for value in row):
        return None
    rows = np.array(found)
    return (rows, end) if ((rows >= lows) & (rows <= highs)).all() else None


def check_bounds(dice, n_columns, lows, highs):
    """Check rows of numbers at any address, with and without NaN and infinities; sometimes one is beyond."""
    n_rows = dice.pick((0, 1, 2, 255, 256, 257))
    rows = np.where(dice.rng.random((n_rows, n_columns)) < 0.5, lows, highs)
    if n_rows and dice.below(2):
        rows[dice.below(n_rows), dice.below(n_columns)] = dice.rng.choice([*NO_NUMBERS, *NASTY, 8.0])
    shifted = np.frombuffer(b"x" * 3 + rows.tobytes(), np.float64, offset=3).reshape(rows.shape) if n_rows else rows
    expected = bool(((rows >= lows) & (rows <= highs)).all())
    bounds = Bounds(lows, highs)
    assert [bounds.hold(each) for each in (rows, shifted)] == [expected] * 2
    n_beyond = ((rows < lows) | (rows > highs)).sum(axis=0).tolist()
    assert [bounds.n_beyond(each) for each in (rows, shifted)] == [n_beyond] * 2


def check_texts(dice):
    """Check texts of any length, in any order."""
    texts = [bytes(dice.rng.integers(0, 256, dice.below(20), np.uint8)) for _ in range(1 + dice.below(9))]
    positions = dice.rng.integers(0, len(texts), dice.pick((1, 2, 300)))
    assert Texts(texts).joined(positions) == b",".join(texts[position] for position in positions)
