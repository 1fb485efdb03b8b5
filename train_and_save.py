"""Train a random forest, evaluate it, compile it, prove the result equal, and save both in the BentoML store.

    python train_and_save.py
    python train_and_save.py --csv flowers.csv --trees 300 --seed 7
    python train_and_save.py --csv wine.csv --label cultivar --name wine

Exit codes: 0 saved; 1 a score is below its gate, nothing saved; 2 bad input, nothing saved.
"""

import sys

from sklearn.datasets import load_iris

from forest_serving.command_line import run
from forest_serving.training.columns import Column
from forest_serving.training.dataset import Dataset, check_classes, dataset_of, read_csv
from forest_serving.training.evaluation import evaluate
from forest_serving.training.layout import Layout
from forest_serving.training.options import training_options
from forest_serving.training.progress import Stopwatch
from forest_serving.training.provenance import fingerprint, training_facts, was_saved
from forest_serving.training.report import report_text
from forest_serving.training.saving import Choices, save_sample

IRIS = Layout(
    name="iris",
    columns=(
        Column("sepal_length", ("sepal length (cm)",), "cm"),
        Column("sepal_width", ("sepal width (cm)",), "cm"),
        Column("petal_length", ("petal length (cm)",), "cm"),
        Column("petal_width", ("petal width (cm)",), "cm"),
    ),
    class_names=("setosa", "versicolor", "virginica"),
    label_columns=("species", "target"),
    min_accuracy=0.90,
    plot_rows=150,
)


def iris() -> Dataset:
    """Return the flowers that scikit-learn ships."""
    rows, labels = load_iris(return_X_y=True)
    return dataset_of(rows, labels, IRIS, "scikit-learn's iris data")


def main() -> int:
    """Do what the command line asks; return the exit code."""
    options, watch = training_options(__doc__ or "", IRIS), Stopwatch()
    data = read_csv(options.csv, options.label, IRIS) if options.csv else iris()
    check_classes(data, options.is_evaluated)
    recipe, inputs = options.recipe, fingerprint(data, options.settings)
    if options.if_needed and was_saved(options.name, inputs):
        print(f"{options.name}_compiled:latest was trained from the same data, settings and code.")
        return 0

    print(f"training {recipe.trees} trees on {len(data.rows):,} rows of {data.source}, seed {recipe.seed}")
    with watch.step("training", recipe.trees) as bar:
        forest = recipe.fit(data.rows, data.labels, bar)
    report = evaluate(data, recipe, options.plan(*data.rows.shape), watch) if options.is_evaluated else {}
    print(report_text(report))
    if faults := options.gates.faults(report):
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    choices = Choices(data.names, options.plot_rows, options.engine)
    origin = training_facts(data, recipe.facts(), inputs)
    save_sample(options.name, forest, data.sample(), choices, report=report, origin=origin, watch=watch)
    return 0


if __name__ == "__main__":
    run(main)
