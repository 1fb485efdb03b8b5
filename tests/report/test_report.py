"""The report: right about what the log holds, whole in one file, and clear about whether to train anew."""

import json
import re
import subprocess
import sys
import tracemalloc
from html.parser import HTMLParser

import msgspec
import numpy as np
import pytest

from forest_serving.card import UNKNOWN
from forest_serving.errors import BadLog
from forest_serving.report.command import main
from forest_serving.report.findings import find
from forest_serving.report.page import page
from forest_serving.report.verdict import verdict
from tests.report.logs import rows_like_training, write_log, write_truth
from tests.support.servers import ROOT, environment

NAMES = pytest.mark.parametrize("name", ["iris", "churn", "diabetes"])
N_ROWS = 4_000


def shifted(model, rows, column=0):
    """Return rows whose latest third has one column elsewhere."""
    feature = model.card.features[column]
    late = len(rows) * 2 // 3
    rows[late:, column] += feature.deciles[8] - feature.deciles[2]
    return rows


def told(path, labels=None):
    found = find(path, "", labels)
    return verdict(found.card, found.look, found.scores)


@NAMES
def test_without_drift_there_is_no_reason_to_train_anew(models, tmp_path, name):
    write_log(tmp_path / "log", models[name], rows_like_training(models[name].card, N_ROWS))
    found = find(tmp_path / "log", "", None)
    drifted = [seen.column.name for seen in found.look.columns[:-1] if seen.has_drifted]
    assert (found.total.n_rows, found.total.n_requests, drifted) == (N_ROWS, N_ROWS, [])


@NAMES
def test_a_column_that_drifts_is_named_and_seen_from_then_on(models, tmp_path, name):
    model = models[name]
    write_log(tmp_path / "log", model, shifted(model, rows_like_training(model.card, N_ROWS)))
    found, column = find(tmp_path / "log", "", None), model.card.features[0].name
    periods = [psi[column] for _, _, psi in found.periods()]
    assert column in told(tmp_path / "log").why
    assert max(periods[: len(periods) // 2]) < 0.25 < min(periods[-len(periods) // 4 :])


@NAMES
def test_the_page_needs_nothing_else_and_runs_nothing(models, tmp_path, name):
    write_log(tmp_path / "log", models[name], rows_like_training(models[name].card, N_ROWS))
    text = page(find(tmp_path / "log", "", None))
    assert not re.findall(r"<script|<link|<img|<iframe|@import|url\(|https?://", text)
    assert "default-src 'none'" in text
    assert all(feature.name in text for feature in models[name].card.features)


class Balanced(HTMLParser):
    """Fails where an element is closed that is not open."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_texts_of_the_log_do_no_harm(models, tmp_path):
    """A label, an id and a version are what somebody sent or chose."""
    model = models["churn"]
    write_log(tmp_path / "log", model, rows_like_training(model.card, N_ROWS))
    evil = "<script>alert(1)</script>"
    (path,) = (tmp_path / "log").iterdir()
    first = msgspec.json.decode(path.read_bytes().splitlines()[0])
    strange = first | {"duration_s": 9.0, "request_id": evil, "endpoint": evil, "version": evil}
    with path.open("ab") as file:
        file.write(msgspec.json.encode(strange) + b"\n" + msgspec.json.encode(first) + b"\n")
    text = page(find(tmp_path / "log", "", None))
    parser = Balanced()
    parser.feed(text)
    assert evil not in text
    assert "&lt;script&gt;" in text
    assert parser.open == []


def test_torn_and_foreign_lines_are_counted_and_left_out(models, tmp_path):
    write_log(tmp_path / "log", models["iris"], rows_like_training(models["iris"].card, 1_000))
    (path,) = (tmp_path / "log").iterdir()
    line = path.read_bytes().splitlines(keepends=True)[0]
    foreign = [b"hello\n", b"{}\n", b"\xff\xfe\n", b"[" * 10_000 + b"\n", line.replace(b'"iris"', b'"wine"')]
    odd = line.replace(b'"prediction":', b'"prediction":"none","was":')
    path.with_name("a.jsonl").write_bytes(b"".join(foreign) + b"\n" + odd + line[:-20])
    path.with_name("notes.txt").write_text("hello")
    found = find(tmp_path / "log", "iris", None)
    assert (found.lines.n_torn, found.lines.n_foreign, found.lines.others, found.n_unfit) == (1, 4, {"wine": 1}, 1)
    assert found.total.n_rows == 1_000
    assert "torn lines: 1; lines that are no records: 4" in page(found)


HUGE = 10**400


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("iris", "petal_width", "wide"),
        ("iris", "petal_width", HUGE),
        ("iris", "petal_width", [1]),
        ("churn", "contract", [1]),
        ("diabetes", "prediction", HUGE),
        ("iris", "duration_s", HUGE),
        ("iris", "time", "9999-12-31T23:59:59Z"),
        ("iris", "time", "0001-01-01T00:00:00Z"),
    ],
    ids=["text", "huge", "list", "list for a category", "huge answer", "huge duration", "late", "early"],
)
def test_a_record_that_somebody_spoilt_spoils_no_report(models, tmp_path, name, field, value):
    """A value that is no number is as good as none; a record that is none in another way is left out."""
    write_log(tmp_path / "log", models[name], rows_like_training(models[name].card, 1_000))
    (path,) = (tmp_path / "log").iterdir()
    record = json.loads(path.read_bytes().splitlines()[0])
    (record if field in record else record["features"])[field] = value
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")
    found = find(tmp_path / "log", "", None)
    assert found.total.n_rows == 1_000 + (field in record["features"])
    assert ("petal_width is no number" in page(found)) is (field == "petal_width")


def test_a_column_that_was_not_kept_is_no_drift(models, tmp_path):
    model = models["churn"]
    write_log(tmp_path / "log", model, rows_like_training(model.card, N_ROWS), without=["age", "contract"])
    found = find(tmp_path / "log", "", None)
    text = page(found)
    assert found.unlogged == ["age", "contract"]
    assert not {"age", "contract"} & {seen.column.name for seen in found.look.columns if seen.has_drifted}
    assert "not logged</dt><dd>age, contract" in text


def test_the_slowest_requests_and_the_oddest_rows_are_listed(models, tmp_path):
    model = models["churn"]
    rows, took_s = rows_like_training(model.card, N_ROWS), np.random.default_rng(0).lognormal(-10, 0.3, N_ROWS)
    took_s[123], rows[77, 0], rows[78, 1] = 2.5, 10_000.0, UNKNOWN
    write_log(tmp_path / "log", model, rows, took_s=took_s)
    found = find(tmp_path / "log", "", None)
    assert found.notable.slowest[0].request_id == "order-123"
    assert [each.line.request_id for each in found.notable.oddest[:2]] == ["order-77", "order-78"]
    assert found.notable.oddest[1].why == "contract: a category that the model does not know"


def test_live_accuracy_is_that_of_the_labels(models, tmp_path):
    """By name or by label, with or without a row; labels of other requests are counted."""
    model = models["iris"]
    answers = write_log(tmp_path / "log", model, rows_like_training(model.card, 1_000))
    wrong = [answer if n % 10 else (answer + 1) % 3 for n, answer in enumerate(answers)]
    labels = [model.card.class_names[each] if n % 2 else each for n, each in enumerate(wrong)]
    truth = write_truth(tmp_path / "truth.csv", [*labels, "setosa", "setosa"], with_row=False)
    found = find(tmp_path / "log", "", truth)
    assert (found.total.score.n, found.total.score.n_right, found.truth.n_labels) == (1_000, 900, 1_002)
    assert "90.0% right (95 %, Wilson: 88.0% to 91.7%)" in page(found)


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_answers_that_grow_worse_are_a_reason_to_train_anew(models, tmp_path, name):
    model, rng = models[name], np.random.default_rng(0)
    answers = write_log(tmp_path / "log", model, rows_like_training(model.card, N_ROWS))
    late = np.arange(N_ROWS) > N_ROWS / 2
    if name == "iris":
        truth = [(int(each) + int(bad and rng.random() < 0.3)) % 3 for each, bad in zip(answers, late, strict=True)]
    else:
        truth = [each + rng.normal() * (60 if bad else 20) for each, bad in zip(answers, late, strict=True)]
    assert told(tmp_path / "log", write_truth(tmp_path / "good.csv", answers)).head != "Train anew."
    assert told(tmp_path / "log", write_truth(tmp_path / "bad.csv", truth)).head == "Train anew."


def test_a_model_whose_goodness_nobody_knows_is_not_called_good(models, tmp_path):
    """Churn was saved without a test; no answer is right, and none ever was."""
    answers = write_log(tmp_path / "log", models["churn"], rows_like_training(models["churn"].card, 1_000))
    names = models["churn"].card.class_names
    truth = write_truth(tmp_path / "truth.csv", [names[1 - answer] for answer in answers])
    assert told(tmp_path / "log", truth).head == "It grew no worse; more cannot be told."


@pytest.mark.parametrize(("error", "head"), [(40, "No need to train anew"), (80, "Train anew.")])
def test_a_regressor_s_error_is_compared_with_that_at_training(models, tmp_path, error, head):
    model = models["diabetes"]
    answers = write_log(tmp_path / "log", model, rows_like_training(model.card, 1_000))
    truth = write_truth(tmp_path / "truth.csv", [answer + error for answer in answers])
    found = find(tmp_path / "log", "", truth)
    judged = msgspec.structs.replace(found.card, report={"mae": 45.0, "mae_95_interval": [40.0, 50.0]})
    assert verdict(judged, found.look, found.scores).head.startswith(head)


def test_few_rows_say_nothing(models, tmp_path):
    write_log(tmp_path / "log", models["iris"], rows_like_training(models["iris"].card, 20))
    assert told(tmp_path / "log").head == "Too few rows to tell."


def test_a_long_log_takes_no_more_memory_than_a_short_one(models, tmp_path):
    model = models["iris"]
    write_log(tmp_path / "log", model, rows_like_training(model.card, 20_000))
    (path,) = (tmp_path / "log").iterdir()
    peaks = []
    for times in (1, 6):
        long = tmp_path / f"{times}.jsonl"
        long.write_bytes(path.read_bytes() * times)
        tracemalloc.start()
        find(long, "", None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize(
    ("content", "labels", "sentence"),
    [
        (None, None, "There is no prediction log at"),
        (b"hello\n", None, "No file of the log .* begins or ends with a record"),
        (b"", b"id,label\n1,2\n", "line 1: it must name the columns request_id and label"),
        (b"", b"request_id,label\na\xff,0\n", "truth.csv is not written in UTF-8; save it so."),
        (b"", b"request_id,label\nb,0\n" + b"a" * 200_000 + b",0\n", "behind line 2: field larger than field limit"),
        (b"", b"request_id,label\na\n", 'line 2: "" is no class of the model'),
        (b"", b"request_id,label\na,rose\n", 'line 2: "rose" is no class of the model'),
        (b"", b"request_id,label\na,0\na,0\na,1\n", 'line 4: row 0 of request "a" has another label above'),
        (b"", b"request_id,row,label\na,first,0\n", 'line 2: row "first" is no whole number'),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(models, tmp_path, content, labels, sentence):
    log, truth = tmp_path / "log", tmp_path / "truth.csv"
    log.mkdir()
    if content:
        (log / "a.jsonl").write_bytes(content)
    if labels:
        write_log(log, models["iris"], rows_like_training(models["iris"].card, 10))
        truth.write_bytes(labels)
    with pytest.raises(BadLog, match=sentence):
        find(log, "", truth if labels else None)


@pytest.mark.parametrize("label", ["cheap", "", "inf", "nan"])
def test_what_is_no_number_is_no_truth_of_a_regressor(models, tmp_path, label):
    model, truth = models["diabetes"], tmp_path / "truth.csv"
    write_log(tmp_path / "log", model, rows_like_training(model.card, 10))
    truth.write_text(f"request_id,label\na,{label}\n")
    with pytest.raises(BadLog, match=f'line 2: "{label}" is no number'):
        find(tmp_path / "log", "", truth)


def test_the_command_writes_the_report_and_says_the_verdict(models, tmp_path, capsys):
    write_log(tmp_path / "log", models["iris"], rows_like_training(models["iris"].card, N_ROWS))
    assert main([str(tmp_path / "log"), "--output", str(tmp_path / "report.html")]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert first.startswith("No reason to train anew.")
    assert second == f"report of 4,000 rows: {tmp_path / 'report.html'}"


def test_the_command_needs_no_scikit_learn(models, bentoml_home, tmp_path):
    write_log(tmp_path / "log", models["iris"], rows_like_training(models["iris"].card, 500))
    check = (
        "import sys; sys.modules['sklearn'] = sys.modules['pandas'] = None\n"
        f"from forest_serving.report.command import main; main(['{tmp_path}/log', '--output', '{tmp_path}/r.html'])"
    )
    env = environment(bentoml_home)
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
