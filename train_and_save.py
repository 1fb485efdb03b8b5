"""Train a random forest, evaluate it, compile it, prove the result equal, and save both in the BentoML store.

    python train_and_save.py
    python train_and_save.py --csv flowers.csv --trees 300 --seed 7

Exit codes: 0 saved; 1 the accuracy is below --min-accuracy, nothing saved; 2 bad input, nothing saved.
"""

import sys

from forest_serving.command_line import run, training_arguments
from forest_serving.engines.compile import compile_forest
from forest_serving.engines.proof import prove
from forest_serving.models import store as model_store
from forest_serving.training.dataset import default_dataset, read_csv
from forest_serving.training.evaluation import Recipe, Stopwatch, evaluate
from forest_serving.training.provenance import fingerprint, provenance
from forest_serving.training.report import report_text


def main() -> int:
    """Do what the command line asks; return the exit code."""
    arguments = training_arguments(__doc__ or "")
    recipe, watch = Recipe(arguments.trees, arguments.max_depth, arguments.seed), Stopwatch()
    data = read_csv(arguments.csv) if arguments.csv else default_dataset()
    inputs = fingerprint(data, recipe, arguments.engine)
    newest = model_store.newest_metadata(arguments.model_name)
    if arguments.if_needed and newest.get("inputs_sha256") == inputs:
        print(f"{arguments.model_name}_compiled:latest was trained from the same data, settings and code.")
        return 0

    print(f"training {recipe.trees} trees on {len(data.labels)} rows of {data.source}, seed {recipe.seed}")
    report = evaluate(data, recipe, watch)
    print(report_text(report))
    if report["accuracy"] < arguments.min_accuracy:
        print(f"The accuracy is below {arguments.min_accuracy} (--min-accuracy); nothing was saved.", file=sys.stderr)
        return 1

    with watch.step("training"):
        forest = recipe.forest().fit(data.rows, data.labels)
    with watch.step("compiling"):
        engine, reason = compile_forest(forest, arguments.engine)
    print(f"compiled to a {engine.kind.replace('_', ' ')}: {reason}")
    with watch.step("proof"):
        proof = prove(engine, forest)
    print(f"proved equal for every input: {proof}")
    print("seconds: " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in watch.seconds.items()))
    metadata = provenance(data, recipe, inputs) | {"training": report, "proof": proof, "seconds": watch.seconds}
    for tag in model_store.save(arguments.model_name, forest, engine, metadata):
        print(f"saved {tag}")
    return 0


if __name__ == "__main__":
    run(main)
