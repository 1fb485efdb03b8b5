"""Metrics, as Prometheus reads them."""

import os
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from forest_serving.errors import RequestError
from forest_serving.monitoring.counts import Counts, empty, no_counts, row_bounds
from forest_serving.monitoring.exposition import Exposition, distinct
from tests.monitoring.monitors import CHURN, IRIS, RENT, card

REFUSALS = "forest_refusals_total"
SERVICE = {"service_name": "ChurnClassifier", "service_version": "v1"}
COUNTS = Counts([3, 4], [1, 2], empty(row_bounds(3)), {"/predict": {200: [0.0] * 19}}, {"WrongMethod": 5}, 1.5, 2)


def exposition(model=CHURN, counts=COUNTS, folder=None):
    """Return the metrics of a model."""
    return Exposition(model, SERVICE, {"tag": f"{model.name}_compiled:v1"}, lambda: counts, folder)


def samples(text):
    """Return what a text says: each sample's value, by its name and labels."""
    families = text_string_to_metric_families(text.decode())
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        (("forest_predictions_total", ("class", "no")), 3),
        (("forest_predictions_total", ("class", "yes")), 4),
        (("forest_out_of_range_values_total", ("feature", "months")), 1),
        (("forest_out_of_range_values_total", ("feature", "charges")), 2),
        (("forest_refusals_total", ("reason", "WrongMethod")), 5),
        (("forest_request_rows_count",), 0),
        (("forest_prediction_log_rows_total",), 0),
        (("forest_model_info", ("tag", "churn_compiled:v1")), 1),
        (("bentoml_service_request_in_progress", *SERVICE.items()), 2),
        (("bentoml_service_last_request_timestamp_seconds", *SERVICE.items()), 1.5),
        (
            (
                "bentoml_service_request_total",
                ("endpoint", "/predict"),
                ("http_response_code", "200"),
                *SERVICE.items(),
            ),
            0,
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_counts_are_told_under_the_model_s_own_names(sample, value):
    assert samples(exposition().render())[sample] == value


@pytest.mark.parametrize("model", [IRIS, CHURN], ids=lambda model: model.name)
def test_before_the_first_request_every_class_and_feature_is_there_already(model):
    """So that a rate can be told from the first request on."""
    text = exposition(model, no_counts(model, 100)).render()
    names = {(name, *labels) for name, *labels in samples(text)}
    assert {("forest_predictions_total", ("class", name)) for name in model.class_names} <= names
    assert {("forest_out_of_range_values_total", ("feature", f.name)) for f in model.features} <= names


def test_before_the_first_refusal_every_reason_is_there_already():
    """So that an alert sees the first one: a series that begins with it has no rate."""
    told = {labels[0][1]: n for (name, *labels), n in samples(exposition().render()).items() if name == REFUSALS}
    assert told == dict.fromkeys(["fault", *(kind.__name__ for kind in RequestError.__subclasses__())], 0) | {
        "WrongMethod": 5
    }


def test_when_the_model_was_saved_is_told_in_seconds():
    saved = replace(CHURN, provenance={"saved_at": "2026-11-29T12:00:00+00:00"})
    assert samples(exposition(saved).render())["forest_model_saved_timestamp_seconds",] == 1_795_953_600


@pytest.mark.parametrize("provenance", [{}, {"saved_at": "some time ago"}, {"saved_at": 3}], ids=str)
def test_a_card_that_does_not_say_so_leaves_it_out(provenance):
    found = samples(exposition(replace(CHURN, provenance=provenance)).render())
    assert ("forest_model_saved_timestamp_seconds",) not in found


def test_of_a_regressor_number_and_sum_of_its_answers_are_told():
    counts = Counts([], [0, 0], [1.0, 0.0, 2.0, 0.0, 9.0], predicted_sum=-3.25)
    found = samples(exposition(RENT, counts).render())
    assert (found["forest_predicted_value_count",], found["forest_predicted_value_sum",]) == (9, -3.25)
    assert not [name for name, *_ in found if name == "forest_predictions_total"]


def test_rows_are_told_up_to_each_bound():
    rows = [1.0, 2.0, 0.0, 4.0, 99.0]
    found = samples(exposition(counts=Counts([0, 0], [0, 0], rows)).render())
    told = [found["forest_request_rows_bucket", ("le", bound)] for bound in ("1.0", "2.0", "5.0", "+Inf")]
    assert told == [1, 3, 3, 7]
    assert found["forest_request_rows_sum",] == 99


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_names_of_classes_make_a_text_that_can_be_read(names):
    """Also equal ones, quotes, newlines: each class has its own series, under its name if that is still free."""
    model = card("any", {"width": (0.0, 1.0)}, dict(enumerate(names)))
    counts = Counts(list(range(len(names))), [0], empty(row_bounds(3)))
    found = samples(exposition(model, counts).render())
    told = [labels for name, *labels in found if name == "forest_predictions_total"]
    assert len(told) == len(names)
    assert {(("class", name),) for name in names} <= set(map(tuple, told))


def test_equal_names_are_told_apart():
    assert distinct(["a", "a", "a (2)", "b", "a"]) == ["a", "a (2)", "a (2) (2)", "b", "a (3)"]


def test_metrics_that_others_count_with_prometheus_client_are_shown_too(tmp_path):
    count = "from prometheus_client import Counter; Counter('mine', 'Of somebody else.').inc(3)"
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", count], env=environ, check=True, timeout=60)
    found = samples(exposition(folder=tmp_path).render())
    assert found["mine_total",] == 3
    assert found["forest_predictions_total", ("class", "no")] == 3


def entry(name, length=None):
    """Return an entry of a file of prometheus_client's: a name, and the value 1."""
    padded = name + b" " * (8 - (len(name) + 4) % 8)
    return struct.pack(f"i{len(padded)}sdd", len(name) if length is None else length, padded, 1.0, 0.0)


def database(*entries, used=None):
    """Return a file of prometheus_client's."""
    content = b"".join(entries)
    return struct.pack("ii", 8 + len(content) if used is None else used, 0) + content


COUNTER = b'["theirs", "theirs_total", {}, "Of others."]'
BROKEN = {
    "empty": b"",
    "truncated": database(entry(COUNTER))[:-9],
    "announced longer": database(entry(COUNTER), used=2**30),
    "endless": database(entry(COUNTER, length=-28)),
    "no JSON": database(entry(b"theirs")),
    "another shape": database(entry(b"[1, 2]")),
    "labels that are no text": database(entry(b'["theirs", "theirs_total", {"a": {}}, ""]')),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_of_others_is_left_out(tmp_path, content):
    (tmp_path / "counter_1.db").write_bytes(content)
    (tmp_path / "strange_2.db").write_bytes(database(entry(COUNTER)))
    (tmp_path / "counter_3.db").write_bytes(database(entry(COUNTER)))
    found = samples(exposition(folder=tmp_path).render())
    assert found["theirs_total",] == 1
    assert found["forest_predictions_total", ("class", "no")] == 3
