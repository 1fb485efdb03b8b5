"""How many answers are not scikit-learn's."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from benchmarks.engines.peers import Peer
from forest_serving.engines.engine import Floats, Positions


class Differences(NamedTuple):
    """Rows of which something differs: any bit of a probability, or the label."""

    bits: int
    labels: int


def differences(peers: Iterable[Peer], rows: Floats, truth: tuple[Floats, Positions]) -> dict[str, Differences]:
    """Return, for each peer that is compared, how many rows it answers otherwise."""
    return {peer.name: count(*peer.answers(rows), *truth) for peer in peers if peer.answers}


def count(probabilities: Floats, positions: Positions, expected: Floats, classes: Positions) -> Differences:
    """Return how many rows differ; 0.0 and -0.0 differ, too."""
    own, others = (np.ascontiguousarray(each, np.float64).view(np.uint64) for each in (probabilities, expected))
    return Differences(int((own != others).any(axis=1).sum()), int((positions != classes).sum()))
