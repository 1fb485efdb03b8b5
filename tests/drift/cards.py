"""What tests of drift share: cards made of training data as training makes them, and streams of rows like these."""

import numpy as np

from forest_serving.card import UNKNOWN, Category, Feature
from forest_serving.drift.watch import Watch
from forest_serving.drift.window import Window
from forest_serving.training.columns import Column
from forest_serving.training.features import deciles_of, of_numbers, parts_of
from tests.support.cards import card

PLANS = ("basic", "premium", "pro", "rare", "never")
SHARES = (0.5, 0.3, 0.17, 0.03, 0.0)


def rows_like(rng, n_rows):
    """Return rows of two numbers, one of them skewed and one with gaps, and of a category, now and then unknown."""
    charges = np.where(rng.random(n_rows) < 0.05, np.nan, np.exp(rng.normal(size=n_rows)))
    plans = np.where(rng.random(n_rows) < 0.002, UNKNOWN, rng.choice(len(PLANS), n_rows, p=SHARES))
    return np.stack([rng.normal(size=n_rows), charges, plans], axis=1)


def answers_like(rng, n_rows):
    """Return positions of classes."""
    return rng.choice(2, n_rows, p=[0.8, 0.2])


def card_of(rows, answers, **changes):
    """Return the card of a model whose training data these were."""
    plans = rows[:, 2]
    counts = tuple(np.bincount(plans[plans >= 0].astype(int), minlength=len(PLANS)).tolist())
    options = {"takes_unknown": True, "n_unknown": int((plans == UNKNOWN).sum()), "categories": PLANS}
    features = (
        of_numbers(Column("age"), rows[:, 0]),
        of_numbers(Column("charges"), rows[:, 1], takes_missing=True),
        Feature(name="plan", counts=counts, **options),
    )
    classes = (Category(label="no", name="no"), Category(label="yes", name="yes"))
    known = {"answer_counts": tuple(np.bincount(answers, minlength=2).tolist()), "example": (0.0, 1.0, "basic")}
    return card("churn", features, classes, **known | changes)


def churn(n_rows=2_000, seed=0, **changes):
    """Return the card of a model with so many rows of training data."""
    rng = np.random.default_rng(seed)
    return card_of(rows_like(rng, n_rows), answers_like(rng, n_rows), **changes)


def rent(n_rows=2_000, unseen=None):
    """Return the card of a regressor."""
    rng = np.random.default_rng(0)
    answers = rng.normal(800, 200, n_rows)
    deciles = deciles_of(answers)
    known = {"answer_deciles": tuple(deciles.tolist()), "answer_counts": parts_of(deciles, answers)}
    if unseen is not None:
        known["unseen_answer_counts"] = parts_of(deciles, unseen)
    return card("rent", (of_numbers(Column("metres"), rng.normal(size=n_rows)),), (), **known)


def watched(model, n_rows=1_000):
    """Return a worker's window of a model, and a watch on it, before each of whose looks the window settles."""
    watch = Watch(model, n_rows, lambda: window.settle() or window.pieces)
    window = Window(watch.columns, n_rows)
    return window, watch


def named(look):
    """Return the names of the columns that have drifted."""
    return [seen.column.name for seen in look.columns if seen.has_drifted]


def seen_of(look, name):
    """Return what there is to see of a column."""
    return next(seen for seen in look.columns if seen.column.name == name)
