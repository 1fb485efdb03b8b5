"""What GET /drift and the gauges tell: numbers, words, and null where something cannot be told."""

import msgspec
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from prometheus_client import CollectorRegistry, generate_latest

from forest_serving.card import read_card, write_card
from forest_serving.drift.gauges import DriftGauges
from forest_serving.drift.page import drift_page, drift_schema
from forest_serving.drift.report import report_of
from tests.drift.cards import answers_like, churn, rent, rows_like, watched

RNG = np.random.default_rng(1)
NO_DRIFT = "No drift: the latest 1,000 rows look like the training data."


def told(model, rows=None, answers=None):
    """Return the report after these rows, as a client reads it."""
    window, watch = watched(model)
    if rows is not None:
        window.add(rows, answers)
    reply = drift_page(watch.look, 1_000).table["GET /drift"].respond({}, b"")
    return msgspec.json.decode(reply.body)


def column(report, name):
    """Return what a report says of a feature."""
    return next(each for each in report["features"] if each["name"] == name)


def gauges(model, rows, answers):
    """Return the lines that Prometheus reads."""
    window, watch = watched(model)
    window.add(rows, answers)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DriftGauges(watch.look, model.class_names))
    lines = [line.split(" ") for line in generate_latest(registry).decode().splitlines() if line[0] != "#"]
    return {" ".join(name): float(value) for *name, value in lines}


def before_counts_were_kept(model):
    """Return the card as it was stored before it had counts."""
    stored = write_card(model)
    for place in (stored, *stored["features"]):
        for name in ("counts", "n_missing", "n_unknown", "answer_counts", "answer_deciles", "unseen_answer_counts"):
            place.pop(name, None)
    return read_card(stored)


def test_rows_like_the_training_data_are_no_drift():
    report = told(churn(), rows_like(RNG, 1_000), answers_like(RNG, 1_000))
    assert (report["drifted"], report["verdict"]) == (False, NO_DRIFT)
    assert all(feature["drifted"] is False for feature in [*report["features"], report["answers"]])


def test_what_has_drifted_is_named_and_said_how():
    rows = rows_like(RNG, 1_000)
    rows[:300, 1], rows[:300, 2] = np.nan, -1
    report = told(churn(), rows, np.ones(1_000, int))
    assert report["verdict"].startswith("Drift of charges, plan and prediction: the latest 1,000 rows")
    assert "have no value, in the training data 5" in column(report, "charges")["verdict"]
    assert "have a category that the model does not know, in the training data 0." in column(report, "plan")["verdict"]


def test_shares_and_counts_are_told_beside_those_of_the_training_data():
    rows = rows_like(RNG, 1_000)
    rows[:, 0], rows[:250, 0] = 0.0, 99.0
    report = told(churn(), rows, answers_like(RNG, 1_000))
    assert column(report, "age")["out_of_range"] == {"rows": 250, "share": 0.25, "training_share": 0.0}
    assert column(report, "age")["bins"][0]["training_share"] == 0.1
    assert [each["category"] for each in column(report, "plan")["bins"]] == ["basic", "premium", "pro", "rare", "never"]


def test_before_there_are_enough_rows_nothing_is_told():
    report = told(churn(), rows_like(RNG, 150), answers_like(RNG, 150))
    assert (report["drifted"], report["verdict"]) == (None, "Too few rows yet: 150 were counted, 200 are needed.")


@pytest.mark.parametrize("model", [churn(), rent()], ids=lambda model: model.name)
def test_of_a_model_that_was_saved_before_it_is_said_what_cannot_be_told(model):
    old = before_counts_were_kept(model)
    width = len(model.features)
    report = told(old, np.zeros((1_000, width)), np.zeros(1_000, int))
    assert report["drifted"] is None
    assert "save it again" in report["verdict"]
    assert column(report, model.features[0].name)["out_of_range"]["rows"] == 0
    assert not any("psi" in name for name in gauges(old, np.zeros((1_000, width)), np.zeros(1_000, int)))


def test_a_regressor_s_answers_are_compared_by_their_size():
    model = rent(unseen=RNG.normal(800, 200, 2_000))
    report = told(model, RNG.normal(size=(1_000, 1)), RNG.normal(800, 200, 1_000))
    assert report["drifted"] is False
    report = told(model, RNG.normal(size=(1_000, 1)), RNG.normal(1_000, 200, 1_000))
    assert (report["answers"]["drifted"], report["features"][0]["drifted"]) == (True, False)


@pytest.mark.parametrize(("spread", "drifted"), [(200, False), (120, False), (20, True)])
def test_answers_may_be_like_those_to_learned_or_to_other_rows(spread, drifted):
    """A forest is surer of rows that it learned: neither kind is drift."""
    model = rent(unseen=RNG.normal(800, 120, 2_000))
    report = told(model, RNG.normal(size=(1_000, 1)), RNG.normal(800, spread, 1_000))
    assert report["answers"]["drifted"] is drifted


@pytest.mark.parametrize(("shift", "drifted"), [(0.0, []), (1.0, ["metres", "prediction"])])
def test_where_only_answers_to_learned_rows_are_known_they_drift_with_a_feature(shift, drifted):
    """Boosting, and trees that all learned all rows, answer new ones otherwise from the first day on."""
    report = told(rent(), RNG.normal(shift, size=(1_000, 1)), RNG.normal(800, 120, 1_000))
    assert [each["name"] for each in [*report["features"], report["answers"]] if each["drifted"]] == drifted
    assert ("no feature has drifted" in report["answers"]["verdict"]) is not bool(drifted)


@pytest.mark.parametrize("n_rows", [0, 100, 1_000])
@pytest.mark.parametrize("model", [churn(), before_counts_were_kept(churn())], ids=["new", "old"])
def test_the_reply_is_as_its_schema_says(model, n_rows):
    rows = (rows_like(RNG, n_rows), answers_like(RNG, n_rows)) if n_rows else ()
    Draft202012Validator(drift_schema()).validate(told(model, *rows))


def test_gauges_tell_the_same():
    rows, answers = rows_like(RNG, 1_000), np.zeros(1_000, int)
    rows[:, 0] += 1
    found, report = gauges(churn(), rows, answers), told(churn(), rows, answers)
    assert found['forest_drift_psi{feature="age"}'] == column(report, "age")["window"]["psi"]
    assert found['forest_drift_detected{feature="age"}'] == found['forest_drift_detected{feature="prediction"}'] == 1
    assert (found["forest_drift_window_rows"], found['forest_drift_class_share{class="no"}']) == (1_000, 1)


def test_the_same_look_is_not_made_twice():
    """However often Prometheus asks, the chances are computed once for each piece."""
    window, watch = watched(churn())
    window.add(rows_like(RNG, 1_000), answers_like(RNG, 1_000))
    assert watch.look() is watch.look()
    assert report_of(watch.look(), 1_000).window.until.endswith("+00:00")
