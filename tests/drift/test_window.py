"""The latest rows: old ones leave, memory stays the same, and those of several workers are one window."""

import numpy as np
import pytest

from forest_serving.drift.watch import Watch
from forest_serving.drift.window import N_PIECES, latest
from forest_serving.monitoring.counts import Piece
from tests.drift.cards import answers_like, churn, rows_like, watched


def fed(window, n_rows, at_once, seed=0):
    """Feed a window with rows without drift; it settles after each, as when requests come slowly."""
    rng = np.random.default_rng(seed)
    for _ in range(0, n_rows, at_once):
        window.add(rows_like(rng, at_once), answers_like(rng, at_once))
        window.settle()


@pytest.mark.parametrize("at_once", [1, 7, 100, 1_000])
def test_every_row_is_counted_but_for_those_of_a_piece_that_is_not_full(at_once):
    window, watch = watched(churn())
    fed(window, 700, at_once)
    assert 700 - 100 < watch.look().n_rows <= max(700, at_once)
    assert all(sum(seen.counts) == watch.look().n_rows for seen in watch.look().columns)


@pytest.mark.parametrize("n_rows", [99, 100, 499, 500, 501])
def test_rows_wait_for_a_piece_and_for_more_that_are_counted_with_them(n_rows):
    """What waits is counted when there are 500, or a moment later; who asks for drift is told of it."""
    window, _ = watched(churn())
    rng = np.random.default_rng(0)
    for _ in range(n_rows):
        window.add(rows_like(rng, 1), answers_like(rng, 1))
    assert sum(piece.n_rows for piece in window.pieces) == (500 if n_rows >= 500 else 0)
    window.settle()
    assert sum(piece.n_rows for piece in window.pieces) == (0 if n_rows < 100 else min(n_rows, 500))


@pytest.mark.parametrize("at_once", [1, 7, 100, 1_000, 30_000])
def test_old_rows_leave(at_once):
    window, watch = watched(churn())
    fed(window, max(3_000, 3 * at_once), at_once)
    assert len(window.pieces) <= N_PIECES + 1
    assert 1_000 <= watch.look().n_rows <= 1_500


def test_of_more_rows_at_once_than_a_window_has_some_stand_for_all():
    """Evenly spread, so that sorted rows do not look like drift."""
    window, watch = watched(churn())
    rng = np.random.default_rng(0)
    rows = rows_like(rng, 100_000)
    window.add(rows[rows[:, 0].argsort()], answers_like(rng, 100_000))
    assert (watch.look().n_rows, watch.look().has_drifted) == (1_000, False)


@pytest.mark.parametrize("n_rows", [1_000, 2_000, 5_000])
def test_rows_of_two_kinds_that_take_turns_are_no_drift(n_rows):
    """Every second one would be of one kind."""
    window, watch = watched(churn())
    rng = np.random.default_rng(0)
    rows = rows_like(rng, n_rows)
    rows = rows[rows[:, 0].argsort()].reshape(2, -1, 3).swapaxes(0, 1).reshape(-1, 3)
    window.add(rows, answers_like(rng, n_rows))
    assert watch.look().has_drifted is False


def test_the_latest_pieces_of_all_workers_are_the_window():
    one, other = ([Piece(end, 100, [100]) for end in ends] for ends in ((1.0, 3.0, 5.0), (2.0, 4.0, 6.0)))
    assert [piece.end_s for piece in latest([*one, *other], 400)] == [6, 5, 4, 3]


def test_a_worker_that_died_is_forgotten_when_others_have_counted_enough():
    model = churn()
    dead, alive = (watched(model)[0] for _ in range(2))
    watch = Watch(model, 1_000, lambda: [*dead.pieces, *alive.pieces])
    fed(dead, 1_000, 100)
    fed(alive, 500, 100)
    assert latest([*dead.pieces, *alive.pieces], 1_000) == [*reversed(alive.pieces), *reversed(dead.pieces[-5:])]
    fed(alive, 500, 100)
    assert watch.look().until_s == alive.pieces[-1].end_s
    assert latest([*dead.pieces, *alive.pieces], 1_000) == alive.pieces[::-1]


def test_pieces_of_another_model_are_left_out():
    model = churn()
    window, _ = watched(model)
    fed(window, 500, 100)
    watch = Watch(model, 1_000, lambda: [Piece(9e9, 400, [400]), *window.pieces])
    assert watch.look().n_rows == 500


def test_a_window_of_many_rows_is_looked_at_in_as_many_pieces():
    window, watch = watched(churn(), 100_000)
    fed(window, 300_000, 5_000)
    assert len(window.pieces) <= N_PIECES + 1
    assert watch.look().n_rows == 100_000
