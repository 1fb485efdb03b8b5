"""Whatever fits the payload that /execution-parameters announces is answered, and is read piece by piece."""

import csv
import io
import json

import numpy as np
import pytest

from forest_serving.errors import BodyTooLarge, InvalidInstances, MalformedJson, TooManyRows
from forest_serving.rows.reader import RowReader
from forest_serving.settings import Settings
from tests.support.asked import INVOCATIONS, Asked
from tests.support.cards import CHURN, NAMES, card, categories, feature
from tests.support.in_process import reply_now
from tests.support.turns import turns_s

MIB = 1 << 20
CSV, LINES = {b"content-type": b"text/csv"}, {b"content-type": b"application/jsonlines"}
RANDOM = np.random.default_rng(0).uniform(0, 8, (14_000, 4))
ask, ask_churn, ask_one_row_at_most = Asked(), Asked(CHURN), Asked(FOREST_MAX_ROWS="1")


def csv_of(rows, **options):
    """Return rows as Python's csv module writes them."""
    text = io.StringIO()
    csv.writer(text, **options).writerows(rows)
    return text.getvalue()


def lines_of(values):
    return "\n".join(map(json.dumps, values))


FORMS = {
    "csv": (csv_of, CSV),
    "csv with names": (lambda rows: csv_of([NAMES, *rows]), CSV),
    "csv with an index": (lambda rows: csv_of([["", *NAMES], *([7, *row] for row in rows)]), CSV),
    "quoted csv": (lambda rows: csv_of(rows, quoting=csv.QUOTE_ALL), CSV),
    "lines": (lines_of, LINES),
    "lines of features": (lambda rows: lines_of({"features": row} for row in rows), LINES),
    "list": (json.dumps, {}),
    "dense list": (lambda rows: json.dumps(rows, separators=(",", ":")), {}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_rows", [1, 9, 11, 600, 1400, 12_000])
def test_the_rows_are_the_same_however_many_pieces_they_come_in(form, n_rows):
    write, headers = FORMS[form]
    rows = RANDOM[:n_rows].round(6)
    assert np.array_equal(ask(INVOCATIONS, write(rows.tolist()), headers)[0], rows)


@pytest.mark.parametrize("form", FORMS)
def test_a_limit_on_rows_does_not_hold_where_only_bytes_are_announced(form):
    write, headers = FORMS[form]
    assert len(ask_one_row_at_most(INVOCATIONS, write(RANDOM[:5000].tolist()), headers)[0]) == 5000


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"1,2,3,4\n", CSV), (b"5.1,3.5,1.4,0.2\r\n", CSV), (b'"1",2,3,4\n', CSV), (b"[1,2,3,4]\n", LINES)],
)
def test_a_mebibyte_of_the_shortest_rows_is_answered(body, headers):
    n_rows = MIB // len(body)
    assert len(ask(INVOCATIONS, body * n_rows, headers)[0]) == n_rows
    with pytest.raises(BodyTooLarge):
        ask(INVOCATIONS, body * (n_rows + 1), headers)


@pytest.mark.parametrize("form", ["csv", "csv with names", "csv with an index", "quoted csv", "lines", "list"])
@pytest.mark.parametrize("row", [3, 9_000])
def test_an_error_names_the_row_of_the_whole_body(form, row):
    write, headers = FORMS[form]
    rows = RANDOM[:10_000].tolist()
    rows[row][2] = "x"
    with pytest.raises(InvalidInstances, match=rf"(?i)\brow {row}, (number|column) ") as raised:
        ask(INVOCATIONS, write(rows), headers)
    assert raised.value.loc[0] == row


def test_a_line_that_is_no_json_is_named():
    lines = ["[1,2,3,4]"] * 9_000 + ["[1,2,3"] + ["[1,2,3,4]"] * 9
    with pytest.raises(MalformedJson, match="row 9000 is not"):
        ask(INVOCATIONS, "\n".join(lines), LINES)


@pytest.mark.parametrize("end", ["]", ",]", "", "]]", ",,[1,2,3,4]]", "},[1,2,3,4]]"])
def test_a_long_list_is_json_or_refused_at_its_end_too(end):
    body = "[" + ",".join(["[1,2,3,4]"] * 4000) + end
    if end == "]":
        assert len(ask(INVOCATIONS, body)[0]) == 4000
    else:
        with pytest.raises(MalformedJson):
            ask(INVOCATIONS, body)


def test_text_may_hold_what_ends_rows_and_lines():
    plan = '],[\n},{"a": \\'
    rows = [[1.5, None, plan, 3, True]] * 2000
    for body, headers in ((lines_of(rows), LINES), (json.dumps(rows), {}), (csv_of(rows), CSV)):
        with pytest.raises(InvalidInstances, match='Row 0, column "plan"'):
            ask_churn(INVOCATIONS, body, headers)


def test_rows_with_categories_and_gaps_are_read_in_pieces():
    rows = [[float(n), None, "pro, yearly", 99, n % 2 == 0] for n in range(3000)]
    tenures = list(range(3000))
    for body, headers in ((lines_of(rows), LINES), (json.dumps(rows), {}), (csv_of(rows), CSV)):
        assert ask_churn(INVOCATIONS, body, headers)[0][:, 0].tolist() == tenures


@pytest.mark.parametrize(
    ("odd", "headers"),
    [
        (b"5.1,3.5,1.4,.2 \n", CSV),
        (b'"1",2,3,4\n', CSV),
        (b"\n", CSV),
        (b"1\n", CSV),
        (b'{"sepal_length":1,"sepal_width":2,"petal_width":4,"petal_length":3}\n', LINES),
        (b"[1,2,3,4]\n", LINES),
    ],
)
@pytest.mark.once
def test_no_turn_of_reading_a_mebibyte_is_long(odd, headers):
    """Each takes 1 to 4 ms of processor time; all of it at once takes up to 300."""
    reader = RowReader(card(), Settings())
    body = b"1,2,3,4\n" * 3 * (headers is CSV) + odd * ((MIB - 100) // len(odd))
    read = reader.csv.reading if headers is CSV else reader.json_pieces.lines
    tries = [sorted(turns_s(read(body))) for _ in range(3)]  # on a busy machine
    assert min(turns[-2:][0] for turns in tries) < 0.03  # once, Python may look for garbage


def announced(n_bytes, **variables):
    endpoint = Asked(FOREST_MAX_BODY_BYTES=str(n_bytes), **variables).routes["/execution-parameters"]["GET"]
    return json.loads(reply_now(endpoint).body)


def test_where_a_mebibyte_is_too_much_one_record_a_request_is_announced():
    assert announced(4096)["BatchStrategy"] == "SINGLE_RECORD"
    assert announced(MIB, FOREST_MAX_BUFFERED_BYTES=str(2 * MIB))["BatchStrategy"] == "SINGLE_RECORD"


@pytest.mark.parametrize(("n_buffered_mib", "n_mib"), [(32, 4), (100, 12), (1000, 25)])
def test_no_more_is_announced_than_all_transforms_can_send_together(n_buffered_mib, n_mib):
    buffered = str(n_buffered_mib * MIB)
    assert announced(100 * MIB, FOREST_MAX_BUFFERED_BYTES=buffered)["MaxPayloadInMB"] == n_mib


class TestWhereAListIsCut:
    def test_spaces_may_stand_before_commas(self):
        for space in (" ", "\n", " \r\n\t"):
            body = "[" + f"[1,2,3,4]{space},".join([" "] * 30_000) + "[1,2,3,4]]"
            assert len(ask(INVOCATIONS, body)[0]) == 30_000

    @pytest.mark.parametrize("plan", ["],", "],[},", "],{}," * 3])
    def test_a_category_may_hold_what_ends_rows(self, plan):
        ask_plans = Asked(card("plans", (categories("plan", plan, "basic"), feature("n"))), FOREST_MAX_ROWS="100")
        rows = [[plan, n] for n in range(12_000)]
        assert ask_plans(INVOCATIONS, json.dumps(rows))[0][:, 1].tolist() == list(range(12_000))

    @pytest.mark.parametrize(
        "end",
        ["[1,2,3,NaN]]", "[1,2,3,4]", "[1,2,3,04]]", "[1,2,3,1e999]]", "[1,2,3,4],]", "1" + ",2" * 50_000 + " 2]"],
    )
    def test_of_many_rows_too_what_is_no_json_is_told_so(self, end):
        with pytest.raises(MalformedJson, match=r"Row 30000, number 3|cannot be read as JSON"):
            ask(INVOCATIONS, "[" + "[1,2,3,4]," * 30_000 + end)

    def test_a_part_that_cannot_be_cut_is_held_against_the_limit_on_rows(self):
        with pytest.raises(TooManyRows):
            ask(INVOCATIONS, "[[1,2,3,4]," + "7," * 300_000 + "7]")


@pytest.mark.parametrize("separator", ["\n", ",\n"])
@pytest.mark.parametrize("turned", [False, True])
def test_rows_of_two_kinds_are_refused_wherever_the_body_is_cut(separator, turned):
    lists, records = ["[1,2,3,4]"] * 3000, [json.dumps(dict(zip(NAMES, RANDOM[0], strict=True)))] * 3000
    rows = records + lists if turned else lists + records
    body, headers = (separator.join(rows), LINES) if separator == "\n" else (f"[{separator.join(rows)}]", {})
    for given in (body, body.replace("\n", " " * 10 + "\n")):
        with pytest.raises(InvalidInstances, match=r"(?i)row 3000 is (not )?an object"):
            ask(INVOCATIONS, given, headers)


class TestLines:
    @pytest.mark.parametrize("n_before", [0, 3000])
    @pytest.mark.parametrize(
        "line", ["[1,\n2,3,4]", "[1,2,3,4\n]", "[1,2,3,4] [5,6,7,8]", "[1,2,3,4],[5,6,7,8]", "[1,\n2,3,4] [5,6,7,8]"]
    )
    def test_each_value_has_one_line_of_its_own(self, n_before, line):
        with pytest.raises(MalformedJson, match=f"row {n_before} is not"):
            ask(INVOCATIONS, "[1,2,3,4]\n" * n_before + line, LINES)

    def test_a_vector_that_comes_twice_is_refused(self):
        with pytest.raises(InvalidInstances, match='"features" comes twice'):
            ask(INVOCATIONS, '{"features":[1,2,3,4],"features":[5,6,7,8]}', LINES)

    def test_a_small_limit_on_rows_does_not_hold_for_a_piece(self):
        rows = ask_one_row_at_most(INVOCATIONS, "[1,2,3,4]\n" * 2000, LINES)[0]
        assert len(rows) == 2000
