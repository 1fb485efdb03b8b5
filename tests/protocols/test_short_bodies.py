"""Short bodies are read in one step, and what that step takes, the exact readers take for the same rows."""

import json
from itertools import starmap
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.errors import InvalidInstances, RequestError
from forest_serving.rows import few_rows
from tests.support.asked import Asked
from tests.support.cards import CHURN, card, feature
from tests.support.in_process import Recorder, reply_now, routes

VERTEX = "/vertex"
BOUNDED = card("bounded", (feature("a", lowest=0.0, highest=9.0), feature("b", lowest=-2.0, takes_missing=True)))
NUMBERED = card("numbered", (feature("1"), feature("2")))
CARDS = {"plain": card(), "bounded": BOUNDED, "mixed": CHURN, "called by numbers": NUMBERED}
GOOD: dict[str, list[list[object]]] = {
    "plain": [[5.1, 3.5, 1.4, 0.2], [0, -1, 2.5e3, 7]],
    "bounded": [[1, None], [9.0, 2]],
    "mixed": [[0.5, 1, "basic", 7, True], [3, None, "pro, yearly", 3, False]],
    "called by numbers": [[1, 2], [2, 1]],
}
JSON, CSV = (), ((b"content-type", b"text/csv"),)


def tensor(rows, names, **more):
    shape = [len(rows), len(names)]
    return {"inputs": [{"name": "x", "shape": shape, "datatype": "FP64", "data": rows}], **more}


def flat(rows, names, **more):
    return tensor([rows[0]], names, **more) | {
        "inputs": [{"name": "data", "shape": [1, len(names)], "datatype": "FP64", "data": rows[0]}]
    }


def split(rows, names, **more):
    return {"dataframe_split": {"columns": names, "data": rows, **more}}


def lines(rows, names):
    """Return CSV as text, which text that is no JSON value stays."""
    return "\n".join(",".join("" if value is None else str(value) for value in row) for row in rows)


INFER = "/v2/models/NAME/infer"
FORMS = {
    "own": ("/predict", JSON, lambda rows, names: {"instances": rows}),
    "probabilities": ("/predict_proba", JSON, lambda rows, names: {"instances": rows}),
    "V1": ("/v1/models/NAME:predict", JSON, lambda rows, names: {"instances": rows, "signature_name": ""}),
    "TensorFlow": ("/v1/models/NAME:predict", JSON, lambda rows, names: {"inputs": rows}),
    "Vertex": (VERTEX, JSON, lambda rows, names: {"instances": rows, "parameters": None}),
    "TorchServe": ("/predictions/NAME", JSON, lambda rows, names: rows),
    "MLflow": ("/invocations", JSON, lambda rows, names: {"inputs": rows, "params": {}}),
    "frame": ("/invocations", JSON, split),
    "frame with an index": ("/invocations", JSON, lambda rows, names: split(rows, names, index=list(range(len(rows))))),
    "frame turned": ("/invocations", JSON, lambda rows, names: split(rows, names[::-1])),
    "numbered frame": ("/invocations", JSON, lambda rows, names: split(rows, list(range(len(names))))),
    "one": ("/invocations", JSON, lambda rows, names: rows[0]),
    "list": ("/invocations", JSON, lambda rows, names: rows),
    "CSV": ("/invocations", CSV, lines),
    "CSV as JSON asks": ("/invocations", (*CSV, (b"accept", b"application/json")), lines),
    "tensor": (INFER, JSON, tensor),
    "flat tensor": (INFER, JSON, flat),
    "with an id": (INFER, JSON, lambda rows, names: flat(rows, names, id='"\n%d')),
    "probability tensor": (INFER, JSON, lambda rows, names: flat(rows, names, outputs=[{"name": "predict_proba"}])),
    "binary out": (INFER, JSON, lambda rows, names: tensor(rows, names, parameters={"binary_data_output": True})),
}
ODD = [
    '"',
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\n",
    "\r",
    "\t",
    " ",
    "-",
    "_",
    ".",
    "e",
    "0",
    "1",
    "٣",
    "null",
    "true",
    "NaN",
]
ODD += ["1e400", "[]", "{}", '"data"', '"data":[1,2]', "],[", "]]", "[[", '"a"', "1_0", "\\u0031", "\x0b"]


def made(name):
    """Return a model of a kind, and what answers its paths: as it is, and with the exact readers alone."""
    models = Recorder(CARDS[name]), Recorder(CARDS[name])
    fast = routes(models[0], AIP_PREDICT_ROUTE=VERTEX)
    with mock.patch.object(few_rows, "FEW_BYTES", 0):
        slow = routes(models[1], AIP_PREDICT_ROUTE=VERTEX)
    return list(zip(models, (fast, slow), strict=True))


MADE = {name: made(name) for name in CARDS}


def told(model, table, form, body):
    """Return what was answered, and to which rows; or what was refused, and how."""
    path, headers, _ = FORMS[form]
    try:
        reply = reply_now(table[path.replace("NAME", model.card.name)]["POST"], headers, body)
    except RequestError as error:
        return type(error), error.message, error.loc
    return reply.body, reply.media_type, reply.headers, (np.asarray(model.rows) + 0.0).tobytes()  # with one zero


def text_of(form, rows, name):
    value = FORMS[form][2](rows, [each.name for each in CARDS[name].features])
    return value if isinstance(value, str) else json.dumps(value)


def agree(name, form, body):
    fast, slow = starmap(lambda model, table: told(model, table, form, body), MADE[name])
    assert fast == slow
    return fast


@st.composite
def altered(draw, text):
    """Return a text with something odd in place of a few characters, at up to two places."""
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.sampled_from(["", *ODD])) + text[start + draw(st.integers(0, 3)) :]
    return text


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_answered_and_refused_is_the_same_with_the_exact_readers_alone(name, form, data):
    rows = data.draw(st.lists(st.sampled_from(GOOD[name]), min_size=1, max_size=3))
    agree(name, form, data.draw(altered(text_of(form, rows, name))).encode())


@pytest.mark.parametrize("form", FORMS)
def test_a_plain_row_is_answered_in_every_form(form):
    assert isinstance(agree("plain", form, text_of(form, GOOD["plain"][:1], "plain").encode())[0], bytes)


@pytest.mark.parametrize(
    "body",
    [
        "1,2,3,4\n1,2,3,4],[5,6,7,8",
        "1,\r2,3,4",
        "1,2,3,4\r\n5,6,7,8\r\n\r\n",
        "1,2,\n3,4",
        "1,2,3,4\n\n5,6,7,8",
        "1,2,3,4\n \n5,6,7,8",
        "\ufeff1, 2,\t3,4 ",
        '"1",2,3,4',
        "1e999,2,3,4",
        "+1,.5,05,1_0",
        "",
    ],
)
def test_lines_that_json_takes_otherwise_are_read_as_csv(body):
    agree("plain", "CSV", body.encode())


@pytest.mark.parametrize("n_rows", [1, 5000])
def test_null_is_no_gap_in_csv_however_long_it_is(n_rows):
    with pytest.raises(InvalidInstances, match='is "null"'):
        Asked(BOUNDED)("/invocations", "1,null\n" * n_rows, dict(CSV))


@pytest.mark.parametrize("columns", ["[1,", "[1e999]", "nul", "[NaN]", "[false,true,2,3]", '["\\q"]'])
def test_columns_that_are_no_names_are_refused_in_the_exact_readers_words(columns):
    refused = agree("plain", "frame", b'{"dataframe_split":{"columns":%b,"data":[[1,2,3,4]]}}' % columns.encode())
    assert issubclass(refused[0], RequestError)
    assert "for example, ." not in refused[1]


@pytest.mark.parametrize("field", [b'"outputs":[{"name":"predict","x":"\xff"}]', b'"parameters":{"\xff":1}'])
def test_bytes_that_are_no_utf_8_are_refused_around_a_row_too(field):
    tensor_text = b'"inputs":[{"name":"x","shape":[1,4],"datatype":"FP64","data":[1,2,3,4]}]'
    assert "not UTF-8" in agree("plain", "tensor", b"{%b,%b}" % (tensor_text, field))[1]


class TestWhatStandsAroundARow:
    """Of requests that differ in one row only, the rest is understood once: it must be the row that differs."""

    @pytest.mark.parametrize("form", ["tensor", "flat tensor", "probability tensor", "binary out"])
    def test_the_next_row_is_read_from_its_own_request(self, form):
        answers = [agree("plain", form, text_of(form, [row], "plain").encode()) for row in GOOD["plain"] * 2]
        assert answers[:2] == answers[2:]
        assert answers[0] != answers[1]

    def test_a_list_that_only_looks_like_the_row_is_not_taken_for_it(self):
        """The tensor is called "data", and its shape is a row of two numbers that would be good."""
        around = '{"inputs":[{"name":"data","shape":%s,"datatype":"FP64","data":[1,2]}]}'
        first, second = (agree("called by numbers", "flat tensor", (around % s).encode()) for s in ("[1,2]", "[2,2]"))
        assert (isinstance(first[0], bytes), isinstance(second[0], bytes)) == (True, False)

    def test_a_list_within_parameters_is_not_taken_for_it(self):
        inputs = '[{"name":"x","shape":[1,4],"datatype":"FP64","data":[5.1,3.5,1.4,0.2]}]'
        around = '{"parameters":{"data":%s},"inputs":' + inputs + "}"
        replies = [agree("plain", "flat tensor", (around % row).encode()) for row in GOOD["plain"]]
        assert replies[0] == replies[1]
