"""Our statistics are Evidently's on the same data; what it finds in the numbers we find in their parts."""

import json

import numpy as np
import pytest

from forest_serving.drift.comparing import chi_square
from tests.drift.cards import answers_like, card_of, named, rows_like, seen_of, watched
from tests.support.clients import said

N_TRAINING, N_ROWS = 50_000, 1_000
SHIFTS = {"no drift": 0.0, "half a standard deviation": 0.5, "one standard deviation": 1.0}


def drawn(shift):
    """Return rows of the training data, and rows whose first number is shifted, with other shares of plans."""
    rng = np.random.default_rng(3)
    training, rows = rows_like(rng, N_TRAINING), rows_like(rng, N_ROWS)
    rows[:, 0] += shift
    is_moved = rng.random(N_ROWS) < shift / 4
    rows[:, 2] = np.where(is_moved, 2, rows[:, 2])
    return training, rows


def look_at(training, rows):
    """Return what serving sees of them."""
    rng = np.random.default_rng(4)
    window, watch = watched(card_of(training, answers_like(rng, N_TRAINING)))
    window.add(rows, answers_like(rng, N_ROWS))
    return watch.look()


def samples(counts):
    """Return values that were counted so."""
    return np.repeat(np.arange(len(counts)), counts).tolist()


def cases(shift):
    """Return what to ask Evidently: of the parts as categories, and of the numbers as they are."""
    training, rows = drawn(shift)
    look = look_at(training, rows)
    asked = []
    for name in ("age", "plan"):
        seen = seen_of(look, name)
        joined = [np.bincount(seen.column.groups, each)[1:].astype(int) for each in (seen.column.training, seen.counts)]
        reference, current = map(samples, joined)
        known = {"reference": reference, "current": current, "kind": "categories"}
        asked += [known | {"method": method} for method in ("psi", "chisquare")]
    return [
        *asked,
        {"reference": training[:, 0].tolist(), "current": rows[:, 0].tolist(), "kind": "numbers", "method": "ks"},
    ]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """Return what Evidently says: for each shift, PSI and p-value of age and plan, and a p-value of age as it is."""
    file = tmp_path_factory.mktemp("evidently") / "cases.json"
    file.write_text(json.dumps([case for shift in SHIFTS.values() for case in cases(shift)]))
    found = said("evidently", "evidently_client.py", str(file))
    return {name: found[5 * place : 5 * place + 5] for place, name in enumerate(SHIFTS)}


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize(("column", "place"), [("age", 0), ("plan", 2)])
def test_psi_is_theirs(theirs, shift, column, place):
    ours = seen_of(look_at(*drawn(SHIFTS[shift])), column).whole.psi
    assert ours == pytest.approx(theirs[shift][place], rel=1e-9)


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize(("column", "place"), [("age", 1), ("plan", 3)])
def test_chi_square_is_theirs_where_the_training_data_are_taken_for_the_truth(theirs, shift, column, place):
    """As Evidently takes them. Ours takes them for a sample, which makes a p-value larger."""
    seen = seen_of(look_at(*drawn(SHIFTS[shift])), column)
    window, training = (
        np.bincount(seen.column.groups, counts)[np.newaxis, 1:] for counts in (seen.counts, seen.column.training)
    )
    assert chi_square(window, 1e9 * training) == pytest.approx([theirs[shift][place]], rel=1e-4)
    assert chi_square(window, training)[0] >= theirs[shift][place]


@pytest.mark.parametrize("shift", SHIFTS)
def test_what_they_find_in_the_numbers_we_find_in_their_parts(theirs, shift):
    """They ask Kolmogorov and Smirnov, of the numbers one by one, which serving does not keep."""
    assert (theirs[shift][4] < 1e-6) == ("age" in named(look_at(*drawn(SHIFTS[shift]))))
