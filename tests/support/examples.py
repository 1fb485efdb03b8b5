"""How many examples a property gets whose every example takes long: it fits a model, or sends several requests."""

import os

from hypothesis import settings

TIMES_AT_NIGHT = 5


def dear(usual):
    """Return settings for this many examples, the same ones each time, or for five times as many random ones.

    The same ones find what a change breaks; only others, which the nightly run draws, can find more.
    """
    times = TIMES_AT_NIGHT if "RANDOM_EXAMPLES" in os.environ else 1
    return settings(max_examples=usual * times, deadline=None)
