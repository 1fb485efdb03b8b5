"""Each array must be there, and be of the type and the number of dimensions that the engine needs."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.engines.archive import FORMAT, unpack
from forest_serving.errors import DamagedModel
from tests.support.engine_files import ARRAYS, FILES, assert_damaged, assert_refused_or_in_shape, file_of, never_hangs

every_array = pytest.mark.parametrize(
    ("kind", "name"), [pytest.param(kind, name, id=f"{kind}-{name}") for kind in ARRAYS for name in ARRAYS[kind]]
)


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
def test_the_arrays_themselves_are_accepted(arrays):
    """Otherwise the tests below could pass for another reason."""
    assert unpack(file_of(arrays)).kind == arrays["kind"]


@every_array
def test_a_missing_array_is_refused(kind, name):
    assert_damaged(file_of({other: array for other, array in ARRAYS[kind].items() if other != name}))


@pytest.mark.parametrize("kind", ARRAYS)
def test_the_refusal_names_the_missing_array(kind):
    arrays = {name: array for name, array in ARRAYS[kind].items() if name != "classes"}
    with pytest.raises(DamagedModel, match=r'^The array "classes" is missing or does not fit the others\.'):
        unpack(file_of(arrays))


@every_array
@pytest.mark.parametrize("dtype", ["V8", "c16", "S4", "M8[s]", "i4,i4"])
def test_an_array_of_a_strange_type_is_refused(kind, name, dtype):
    assert_damaged(file_of(ARRAYS[kind] | {name: np.zeros(ARRAYS[kind][name].shape, dtype)}))


@every_array
def test_an_array_with_a_dimension_too_many_is_refused(kind, name):
    assert_damaged(file_of(ARRAYS[kind] | {name: ARRAYS[kind][name][np.newaxis]}))


@every_array
def test_a_member_that_is_no_array_is_refused(kind, name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILES[kind])) as good, zipfile.ZipFile(buffer, "w") as damaged:
        for member in good.namelist():
            damaged.writestr(member, b"no array" if member == f"{name}.npy" else good.read(member))
    assert_damaged(buffer.getvalue())


@pytest.mark.parametrize(
    ("kind", "name", "dtype"),
    [
        *(("decision_table", name, "f4") for name in ("boundaries", "boundary_counts", "outputs", "classes")),
        *(("decision_table", name, "i4") for name in ("boundary_counts", "answers", "outputs", "positions", "gaps")),
        *(("decision_table", name, ">f8") for name in ("boundaries", "outputs")),
        *(("decision_table", name, dtype) for name, dtype in (("answers", ">u2"), ("classes", ">i8"))),
        *(("forest", name, "i8") for name in ("roots", "output", "node_rank", "node_child", "values", "codes")),
        *(("forest", name, ">u4") for name in ("roots", "output", "node_child", "column_feature")),
        *(("forest", name, ">u2") for name in ("node_rank", "node_column", "codes")),
        *(("forest", name, "f4") for name in ("boundaries", "values", "base", "n_features", "classes")),
    ],
)
def test_an_array_of_a_similar_type_is_refused(kind, name, dtype):
    array = ARRAYS[kind][name]
    another = np.arange(len(array), dtype=dtype) if name == "classes" else np.nan_to_num(array, neginf=-9).astype(dtype)
    assert_damaged(file_of(ARRAYS[kind] | {name: another}))


@pytest.mark.parametrize("header", [{"format": np.array(FORMAT + 1)}, {"kind": np.array("oracle")}])
def test_another_format_or_kind_is_refused(header):
    assert_damaged(file_of(ARRAYS["decision_table"] | header))


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
@never_hangs
@given(st.data())
def test_an_array_with_flipped_bits_is_refused_or_answers_in_shape(arrays, data):
    # n_features is as large as it says, and so would be the rows here; it has its own tests above.
    name = data.draw(st.sampled_from(sorted(name for name in arrays if arrays[name].size and name != "n_features")))
    damaged = bytearray(arrays[name].tobytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    array = np.frombuffer(bytes(damaged), arrays[name].dtype).reshape(arrays[name].shape)
    assert_refused_or_in_shape(file_of(arrays | {name: array}))
