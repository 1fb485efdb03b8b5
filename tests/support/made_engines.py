"""Forests and tables that nobody trained: any that a file may hold, with the values in them that comparing tips at."""

import numpy as np

from forest_serving.engines.columns import LEAF, Column, Columns

NASTY = np.array(
    [
        *(0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1.0, -1.0, 0.1, 0.30000000000000004, 2.0**53 + 2),
        *(3.4028235677973366e38, 1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308),
    ]
)
NO_NUMBERS = np.array([np.nan, np.inf, -np.inf, -np.nan])
COUNTS = (0, 1, 2, 3, 15, 16, 17, 31, 255, 256, 257, 1_023, 1_024, 1_025)  # of rows, near the ends of blocks


class Dice:
    """Choices that follow from bytes, one byte each; after the last, choices follow from all of them together."""

    def __init__(self, content):
        self._bytes, self.rng = iter(content), np.random.default_rng([len(content), *content])

    def below(self, n):
        """Return a whole number from 0 to before n."""
        byte = next(self._bytes, None)
        return int(self.rng.integers(n)) if byte is None else byte % n

    def pick(self, choices):
        """Return one of several."""
        return choices[self.below(len(choices))]

    def doubles(self, n):
        """Return finite doubles: nasty ones, or close together, or of any magnitude."""
        kinds = (
            lambda: self.rng.choice(NASTY, n),
            lambda: self.rng.integers(-3, 4, n) / 2.0,
            lambda: self.rng.normal(size=n),
            lambda: self.rng.choice([-1.0, 1.0], n) * 2.0 ** self.rng.uniform(-1074, 1023, n),
        )
        return self.pick(kinds)()


def made_columns(dice, n_features):
    """Return columns: with or without codes, of few or as many boundaries as there can be."""
    size = dice.pick((0, 1, 2, 3, 7, 8, 100, 65_532))
    n = dice.pick((1, 2, 5, 40)) if size < 100 else 1 + dice.below(2)
    return Columns.of([_column(dice, dice.below(n_features), size) for _ in range(n)])


def _column(dice, feature, size):
    boundaries = np.concatenate([[-np.inf], np.unique(dice.doubles(size))])
    n_codes = len(boundaries) + 1
    most = dice.pick((2, n_codes, LEAF))
    codes = dice.rng.integers(0, most, n_codes).astype(np.uint16) if dice.below(2) else None
    return Column(feature, boundaries, codes)


def made_trees(dice, n_columns, n_ranks):
    """Return the arrays of trees, as a file holds them, whose nodes lie in any order that a file may have them in."""
    n_trees, n_outputs = dice.pick((1, 2, 15, 16, 17, 33)), dice.pick((1, 2, 3, 7))
    width, n_values = 1 + dice.below(n_outputs), dice.pick((1, 2, 50))
    child, roots = _grown(dice, n_trees, dice.pick((0, 1, 3, 40, 400)))
    leaf = np.array([at is None for at in child])
    rank = dice.rng.integers(0, dice.pick((1, n_ranks, LEAF)), len(child))
    return {
        "node_rank": np.where(leaf, LEAF, rank).astype(np.uint16),
        "node_column": dice.rng.integers(0, n_columns, len(child)).astype(np.uint16),
        "node_child": np.array([dice.rng.integers(n_values) if at is None else at for at in child], np.uint32),
        "roots": np.array(roots, np.uint32),
        "output": dice.rng.integers(0, n_outputs - width + 1, n_trees).astype(np.uint32),
        "values": np.resize(dice.doubles(n_values * width), (n_values, width)),
        "base": dice.doubles(n_outputs),
    }


def _grown(dice, n_trees, n_splits):
    """Return each node's left child, or None, and each tree's root; a node stands behind its parent."""
    child, roots, chance = [None] * n_trees, list(range(n_trees)), dice.pick((0, 1, 50))
    ends = roots.copy()
    for _ in range(n_splits):
        at = len(ends) - 1 if chance == 0 else int(dice.rng.integers(max(0, len(ends) - chance), len(ends)))
        child[ends[at]] = len(child)
        ends[at : at + 1] = [len(child), len(child) + 1]
        child += [None, None]
    return child, roots


def made_table(dice):
    """Return a table's boundaries, and which features may be missing."""
    boundaries = [np.unique(dice.doubles(dice.pick((0, 1, 2, 5, 30, 900)))) for _ in range(1 + dice.below(4))]
    return boundaries, [bool(dice.below(2)) for _ in boundaries]


def made_rows(dice, boundaries, n_features):
    """Return rows of what is near boundaries, of nasty numbers, and of what is no number."""
    near = np.concatenate([boundaries, np.nextafter(boundaries, -np.inf), np.nextafter(boundaries, np.inf)])
    values = np.concatenate([near, NASTY, dice.doubles(50)] + [NO_NUMBERS] * dice.below(2))
    return dice.rng.choice(values, (dice.pick(COUNTS), n_features))


def damage(dice, arrays):
    """Change some of the arrays in a small way; a file with them may be refused, or be another engine."""
    for _ in range(dice.below(4)):
        name, other = dice.pick(sorted(arrays)), dice.pick(sorted(arrays))
        array = arrays[name].copy()
        if dice.below(8) == 0 and array.dtype == arrays[other].dtype:
            arrays[name], arrays[other] = arrays[other], array
        elif dice.below(8) == 0:
            arrays[name] = array[: len(array) - 1]
        elif array.size:
            flat = array.reshape(-1).view(np.uint8)
            flat[int(dice.rng.integers(len(flat)))] = dice.pick((0, 1, 2, 127, 128, 254, 255))
            arrays[name] = array
