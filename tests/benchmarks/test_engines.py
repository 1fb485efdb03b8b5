"""The benchmarks of engines, without other runtimes: what they compare and report."""

import re

import numpy as np
import pytest

from benchmarks.engines import reach
from benchmarks.engines.differences import Differences, count, differences
from benchmarks.engines.models import churn, iris
from benchmarks.engines.peers import CLASSIFY, FALLBACK, ONNX, OURS, SKLEARN, Way, engines, expected, scikit_learn
from benchmarks.engines.rounds import Pace, of_two_threads, seconds
from benchmarks.engines.subject import rows_at_splits, subject_of


@pytest.fixture(scope="module", params=[iris, churn], ids=lambda model: model.__name__)
def subject(request):
    return subject_of(request.param())


def test_the_engines_differ_nowhere_with_and_without_the_kernel(subject):
    rows = rows_at_splits(subject, 500)
    found = differences(engines(subject), rows, expected(subject, rows))
    assert found == dict.fromkeys((FALLBACK, OURS, CLASSIFY), Differences(bits=0, labels=0))


def test_the_engine_without_the_kernel_is_none_of_the_kernel(subject):
    assert subject.fallback.walk == "numpy"


def test_one_bit_is_a_difference_and_so_is_a_label():
    truth = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])
    assert count(np.array([[0.5, np.nextafter(0.5, 1)], [0.25, 0.75]]), np.array([0, 0]), *truth) == (1, 1)


def test_scikit_learn_is_asked_for_rows_as_it_was_trained(subject):
    peer = scikit_learn(subject)
    assert (peer.many.call(peer.many.form(subject.rows[:9])) == expected(subject, subject.rows[:9])[0]).all()


def test_peers_take_turns_and_are_asked_other_rows_each_time():
    asked = []
    ways = {
        name: Way(lambda rows: float(rows[0, 0]), lambda row, name=name: asked.append((name, row))) for name in "ab"
    }
    times = seconds(ways, np.arange(4.0).reshape(4, 1), 1, Pace(rounds=2, seconds=1e-9))
    assert set(times) == {"a", "b"}
    assert [name for name, _ in asked[-4:]] == ["a", "b", "a", "b"]
    assert {row for _, row in asked} == {0.0, 1.0, 2.0, 3.0}


def test_two_threads_are_timed_beside_one():
    gain = of_two_threads({"sum": Way(np.asarray, np.sum)}, np.ones((9, 9)), 9, Pace(rounds=3, seconds=1e-3))["sum"]
    assert gain > 0


def test_what_is_reached_has_both_sides_and_what_is_not_says_by_how_much():
    figures = {"one": {SKLEARN: 4000.0, ONNX: 5.0, OURS: 2.0}, "many": {SKLEARN: 3.0, ONNX: 1.5, OURS: 1.0}}
    lines = reach.lines({"wine": figures | {"threads": {OURS: 1.9}}})
    assert [re.split(" {2,}", line) for line in lines[:2]] == [
        ["one row, µs, × ONNX Runtime", "wine", "5 / 2", "2.5", "≥ 3", "misses by 17%"],
        ["one row, µs, × predict_proba", "wine", "4,000 / 2", "2,000", "≥ 1,500", "reached"],
    ]
    assert lines[-1].split()[-1] == "reached"
