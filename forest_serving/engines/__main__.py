"""python -m forest_serving.engines prove: repeat the proof on stored models."""

import argparse
import time

from forest_serving.command_line import run
from forest_serving.models import store as model_store
from forest_serving.settings import read_settings


def main() -> int:
    """Prove one stored model against the forest it was compiled from; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forest_serving.engines", description=__doc__)
    parser.add_argument("action", choices=["prove"])
    parser.add_argument(
        "--model", default=read_settings().model, help="tag of the compiled model (default: %(default)s)"
    )
    arguments = parser.parse_args()
    from forest_serving.engines.proof import prove  # needs scikit-learn, which a serving environment does not have

    start = time.perf_counter()
    model = model_store.load(arguments.model)
    forest = model_store.load_forest(model.metadata["forest"])
    sentence = prove(model.engine, forest)
    print(f"{model.tag} equals {model.metadata['forest']}: {sentence} ({time.perf_counter() - start:.1f} s).")
    return 0


if __name__ == "__main__":
    run(main)
