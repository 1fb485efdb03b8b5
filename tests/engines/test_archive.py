"""A packed engine is data: the same engine gives the same bytes, and reading any bytes at all never runs code."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.engine_files import FILES, assert_damaged, assert_refused_or_in_shape, never_hangs, packed_engine


@never_hangs
@given(st.data())
def test_a_file_with_flipped_bits_is_refused_or_answers_in_shape(kind, data):
    file = bytearray(FILES[kind])
    for place in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=3)):
        file[place] ^= data.draw(st.integers(1, 255))
    assert_refused_or_in_shape(bytes(file))


@never_hangs
@given(st.data())
def test_a_file_without_some_of_its_bytes_is_refused(kind, data):
    file = FILES[kind]
    start = data.draw(st.integers(0, len(file) - 1))
    assert_refused_or_in_shape(file[:start] + file[data.draw(st.integers(start + 1, len(file))) :])


def test_a_truncated_file_is_refused(kind):
    for length in range(len(FILES[kind])):
        assert_damaged(FILES[kind][:length])


@never_hangs
@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(file):
    assert_damaged(file)


def test_equal_engines_give_equal_bytes(kind):
    assert packed_engine(kind) == packed_engine(kind)


def test_a_file_does_not_say_when_it_was_written(kind):
    """Otherwise equal engines would give other bytes seconds later."""
    with zipfile.ZipFile(io.BytesIO(FILES[kind])) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_compressed_file_is_refused(kind):
    """A few compressed bytes can claim to be gigabytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **np.load(io.BytesIO(FILES[kind])))
    assert_damaged(buffer.getvalue())


def test_files_of_other_kinds_are_refused():
    for write in (lambda file: np.savez(file, weights=np.ones(3)), lambda file: np.save(file, np.ones(3)), np.savez):
        buffer = io.BytesIO()
        write(buffer)
        assert_damaged(buffer.getvalue())


class Bomb:
    """Unpickling it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def plain_pickle(bomb):
    return pickle.dumps(bomb)


def pickle_before_a_zip(bomb):
    return pickle.dumps(bomb) + FILES["decision_table"]


def pickle_as_a_member(bomb):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("kind.npy", "format.npy", "classes.npy"):
            archive.writestr(name, pickle.dumps(bomb))
    return buffer.getvalue()


def array_of_objects(bomb):
    buffer = io.BytesIO()
    arrays = dict(np.load(io.BytesIO(FILES["decision_table"]))) | {"classes": np.array([bomb], dtype=object)}
    np.savez(buffer, allow_pickle=True, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize("wrap", [plain_pickle, pickle_before_a_zip, pickle_as_a_member, array_of_objects])
def test_a_file_never_runs_code(wrap, tmp_path):
    exploded = tmp_path / "exploded"
    assert_damaged(wrap(Bomb(exploded)))
    assert not exploded.exists()


def test_the_bomb_of_these_tests_is_live(tmp_path):
    np.load(io.BytesIO(array_of_objects(Bomb(tmp_path / "exploded"))), allow_pickle=True)["classes"]
    assert (tmp_path / "exploded").exists()
