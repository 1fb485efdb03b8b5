"""Proof that what is stored for explanations is what the model has: its trees, and the weights of their nodes.

Contributions are computed from these alone. The trees of a table's explanation are proved as a forest that answers is.
"""

from typing import Any

import numpy as np

from forest_serving.engines.engine import Engine
from forest_serving.engines.ensembles import ensemble_of
from forest_serving.engines.fold import Inputs
from forest_serving.engines.proof import prove_forest
from forest_serving.engines.proof_of_trees import prove_trees
from forest_serving.errors import ProofFailed
from forest_serving.explain.archive import Explained


def prove_explanation(explained: Explained, engine: Engine, model: Any, inputs: Inputs) -> str:
    """Return a few words that say what was compared.

    Args:
        explained: what was read beside the engine.
        engine: what answers, which is proved already; a forest explains itself.
        model: the fitted model that it claims to explain.
        inputs: the model, as fold takes it apart.

    Raises:
        ProofFailed: naming the first difference.
    """
    if explained.forest is not engine:
        _prove_trees(explained, model, inputs)
    _prove_covers(explained, inputs)
    return f"explanations weigh {len(explained.cover):,} nodes as scikit-learn does"


def _prove_trees(explained: Explained, model: Any, inputs: Inputs) -> None:
    try:
        prove_forest(explained.forest, model, inputs)
    except ProofFailed as failure:
        raise ProofFailed(
            f"The trees stored for explanations are not the model's: {f'{failure}'.rstrip('.')}. Save the model again."
        ) from None


def _prove_covers(explained: Explained, inputs: Inputs) -> None:
    """Compare which rows, or weights of them, reached each node."""
    own = explained.cover[prove_trees(explained.forest, inputs.trees)]
    theirs = ensemble_of(inputs.trees).nodes.cover
    differ = np.flatnonzero(own != theirs)
    if len(differ):
        node = differ[0]
        raise ProofFailed(
            f"What is stored for explanations differs from the model: node {node} was reached by training rows of"
            f" weight {theirs[node]:g}, and the file says {own[node]:g}. Save the model again."
        )
