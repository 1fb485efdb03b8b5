"""What is counted: every request once, predictions only where there were some."""

import asyncio
import sys
from math import fsum, isfinite

import msgspec
import numpy as np
import pytest

from forest_serving.card import UNKNOWN, Feature
from forest_serving.monitoring.counts import row_bounds, total
from tests.monitoring.monitors import CHURN, IRIS, RENT, card, monitor, replied, tell

MODELS = pytest.mark.parametrize("model", [IRIS, CHURN, RENT], ids=lambda model: model.name)


def requests_of(model, n_requests, most_rows, seed=0):
    """Return random rows, about a fifth of them out of range, with a random class or number for each."""
    random = np.random.default_rng(seed)
    lows, highs = np.array([feature.range for feature in model.features]).T
    for n_rows in random.integers(1, most_rows + 1, n_requests).tolist():
        rows = lows + (highs - lows) * random.uniform(-0.1, 1.1, (n_rows, len(lows)))
        has_classes = model.is_classifier
        yield rows, random.integers(0, len(model.classes), n_rows) if has_classes else random.normal(size=n_rows)


def counted(model, asked, **environ):
    """Return the counts after these rows were asked for and these classes or numbers were answered."""
    watching = monitor(model, **environ)
    asyncio.run(tell(watching, *(replied(asked=each) for each in asked)))
    return watching.read()


@MODELS
@pytest.mark.parametrize(("n_requests", "most_rows"), [(1, 1), (500, 3), (300, 200), (2, 30_000)])
@pytest.mark.parametrize("rows_kind", [list, np.asarray])
@pytest.mark.parametrize("results_kind", [list, np.asarray])
def test_rows_answers_and_values_out_of_range_are_counted(model, rows_kind, results_kind, n_requests, most_rows):
    """However many there are, and whether they come in lists or arrays. The oracle counts all at once."""
    asked = list(requests_of(model, n_requests, most_rows))
    counts = counted(model, [(rows_kind(rows.tolist()), results_kind(results.tolist())) for rows, results in asked])
    rows, results = map(np.concatenate, zip(*asked, strict=True))
    lows, highs = np.array([feature.range for feature in model.features]).T
    classes, numbers = (results, []) if model.is_classifier else (np.array([], int), results)
    assert counts.predictions == np.bincount(classes, minlength=len(model.classes)).tolist()
    assert counts.predicted_sum == pytest.approx(fsum(numbers))
    assert counts.out_of_range == ((rows < lows) | (rows > highs)).sum(axis=0).tolist()
    assert (sum(counts.rows[:-1]), counts.rows[-1]) == (n_requests, len(rows))


@pytest.mark.parametrize("kind", [list, np.asarray])
def test_a_missing_value_is_not_out_of_range_and_hides_none_that_is(kind):
    rows = kind([[float("nan"), 0.0], [73.0, float("nan")]])
    assert counted(CHURN, [(rows, [0, 1])]).out_of_range == [1, 0]


def test_an_unknown_category_is_out_of_range():
    place = Feature(name="place", categories=("Bonn", "Köln"), takes_missing=True, takes_unknown=True)
    model = msgspec.structs.replace(RENT, features=(place,), example=("Bonn",))
    rows = [[0.0], [1.0], [UNKNOWN], [float("nan")]]
    assert counted(model, [(rows, [1.0] * 4)]).out_of_range == [1]


@pytest.mark.parametrize("worker", range(2))
def test_the_largest_numbers_make_no_sum_that_a_file_cannot_hold(worker):
    """Not even after a million rows in each of several workers."""
    largest = np.full(10_000, sys.float_info.max * (-1) ** worker)
    found = counted(RENT, [(np.ones((10_000, 2)), largest)] * 100)
    assert isfinite(total([found] * 100).predicted_sum)


def test_the_ends_of_a_range_are_in_it():
    assert counted(CHURN, [([[0.0, -5.0], [72.0, 120.5]], [0, 0])]).out_of_range == [0, 0]


def test_a_model_with_many_features_is_counted_too():
    wide = card("wide", {f"f{number}": (0.0, 1.0) for number in range(50_000)}, {False: "False", True: "True"})
    counts = counted(wide, [([[0.5] * 50_000], [1]), (np.full((2, 50_000), 2.0), np.array([0, 1]))])
    assert counts.predictions == [1, 2]
    assert counts.out_of_range == [2] * 50_000


@MODELS
def test_a_request_that_is_not_for_predictions_counts_none(model):
    """OpenAPI's examples are answered without a request, and so are counted nowhere."""
    watching = monitor(model)
    asyncio.run(tell(watching, replied(), replied(400, "InvalidInstances"), endpoint="/model"))
    counts = watching.read()
    assert (sum(counts.predictions), sum(counts.rows)) == (0, 0)
    assert sum(counts.durations_s["/model"][200][:-1]) == 1


def test_refusals_are_counted_by_their_reason():
    watching = monitor()
    asyncio.run(tell(watching, *[replied(400, "InvalidInstances")] * 3, replied(500, "fault"), replied()))
    assert watching.read().refusals == {"InvalidInstances": 3, "fault": 1}


@pytest.mark.parametrize(
    ("environ", "most"),
    [
        ({}, 100_000),
        ({"FOREST_MAX_ROWS": "300000"}, 300_000),
        ({"FOREST_MAX_TENSOR_ROWS": "20000000"}, 20_000_000),
        ({"FOREST_MAX_ROWS": "1", "FOREST_MAX_TENSOR_ROWS": "1"}, 1),
    ],
)
def test_the_histogram_of_rows_reaches_as_far_as_the_limits(environ, most):
    bounds = row_bounds(len(monitor(**environ).counts.rows) - 2)
    assert bounds[-1] >= most
    assert bounds[-2:-1] < (most,)


def test_bounds_of_rows_go_1_2_5():
    assert row_bounds(8) == (1, 2, 5, 10, 20, 50, 100, 200)


def test_requests_in_progress_are_told():
    watching = monitor()
    watching.n_in_progress = 3
    assert watching.read().n_in_progress == 3
