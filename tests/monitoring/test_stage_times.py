"""How long stages took: each that was reached is counted once a request, however many are counted at a time."""

import asyncio

import msgspec
import pytest

from forest_serving.monitoring.counts import STAGE_BOUNDS_S, Counts, total
from forest_serving.monitoring.monitor import FOLD_REQUESTS
from tests.monitoring.monitors import monitor, replied, tell

BY_ROW = (5.0, 5.5, 5.5, 5.5, 5.75, 5.875)  # read in 0.5 s, predicted in 0.25, written in 0.125
BY_ID = (5.0, 5.25, 6.25, 6.5, 6.75, 6.875)  # read in 0.25 + 0.25, found in 1.0
NOT_FOUND = (5.0, 5.25, 6.25, 6.25, 6.25, 6.25)
OTHER_PATHS = ()


def counted(*marks):
    """Return how many values of each stage were counted, and their sum, after these requests."""
    watching = monitor()
    asyncio.run(tell(watching, *(replied(marks=each) for each in marks)))
    stages_s = watching.read().stages_s
    return {stage: (sum(histogram[:-1]), histogram[-1]) for stage, histogram in stages_s.items()}


def test_a_request_by_row_looks_nothing_up():
    assert counted(BY_ROW) == {"read": (1, 0.5), "features": (0, 0.0), "predict": (1, 0.25), "write": (1, 0.125)}


def test_reading_is_both_what_reads_the_body_and_what_reads_the_records():
    assert counted(BY_ID) == {"read": (1, 0.5), "features": (1, 1.0), "predict": (1, 0.25), "write": (1, 0.125)}


def test_a_stage_that_was_not_reached_is_not_counted():
    assert counted(NOT_FOUND) == {"read": (1, 0.25), "features": (1, 1.0), "predict": (0, 0.0), "write": (0, 0.0)}


@pytest.mark.parametrize("n_requests", [1, FOLD_REQUESTS, 3 * FOLD_REQUESTS + 1])
def test_any_number_of_requests_is_counted(n_requests):
    found = counted(*[BY_ID, OTHER_PATHS] * n_requests)
    assert found["features"] == (n_requests, 1.0 * n_requests)


@pytest.mark.parametrize("place", range(len(STAGE_BOUNDS_S) + 1))
def test_a_time_falls_up_to_its_bound(place):
    """A bound itself belongs to what is below it, as Prometheus has it."""
    taken_s = [*STAGE_BOUNDS_S, 11.0][place]
    watching = monitor()
    asyncio.run(tell(watching, replied(marks=(0.0, taken_s, taken_s, taken_s, taken_s, taken_s))))
    assert watching.read().stages_s["read"][place] == 1


def test_workers_are_added_up():
    counts = Counts([], [], [], stages_s={"read": [1.0, 2.0, 0.5]})
    other = msgspec.json.decode(msgspec.json.encode(counts), type=Counts)
    assert total([counts, other]).stages_s == {"read": [2.0, 4.0, 1.0]}
