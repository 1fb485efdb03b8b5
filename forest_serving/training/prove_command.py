"""python -m forest_serving prove: repeat the proof that a stored model equals the scikit-learn model it was made of.

What is stored for explanations is compared with that model, too.

That one is a pickle, and loading a pickle runs whatever code is in it. It is loaded only if its SHA-256 is the one
that the model's card holds. Who can write into the store can change both: prove only what is in a store that you trust.
"""

import argparse
import time
from typing import Any

from forest_serving.engines.fold import Inputs, fold
from forest_serving.engines.proof import prove
from forest_serving.errors import OperatorError
from forest_serving.explain.archive import unpack
from forest_serving.explain.proof import prove_explanation
from forest_serving.models import store
from forest_serving.models.loaded_model import LoadedModel
from forest_serving.settings import read_settings


def main(arguments: list[str]) -> int:
    """Prove one stored model; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forest_serving prove", description=__doc__)
    parser.add_argument("--model", help="its name, or the tag of one version (default: what FOREST_MODEL says)")
    name = parser.parse_args(arguments).model or read_settings().model
    if not name:
        raise OperatorError("Name the model to prove: --model churn, or FOREST_MODEL=churn.")
    start = time.perf_counter()
    model = store.load(store.compiled_tag(name))
    whole = store.load_forest(model.card)
    inputs = fold(whole, model.card.features)
    sentences = [prove(model.engine, whole, inputs), _explanations(model, whole, inputs)]
    print(f"{model.tag} equals {model.card.forest}: {'; '.join(sentences)} ({time.perf_counter() - start:.1f} s).")
    return 0


def _explanations(model: LoadedModel, whole: Any, inputs: Inputs) -> str:
    """Prove what is stored for explanations; say so if there is nothing."""
    if not model.card.explanation_sha256:
        return "nothing is stored for explanations"
    explained = unpack(store.explanation(model.tag, model.card), model.engine)
    return prove_explanation(explained, model.engine, whole, inputs)
