"""A fitted model, from wherever it was trained: compiled, proved, and stored with its card."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from forest_serving.card import Card
from forest_serving.command_line import check_model_name
from forest_serving.engines.compile import compile_forest
from forest_serving.engines.engine import Engine
from forest_serving.engines.labels import plain
from forest_serving.engines.oracle import unpacked
from forest_serving.engines.proof import prove
from forest_serving.models import store
from forest_serving.training.class_names import ClassNames, categories
from forest_serving.training.columns import Units, with_units
from forest_serving.training.given_labels import positions_of
from forest_serving.training.given_rows import check_rows, in_the_models_order, rows_and_names
from forest_serving.training.progress import Stopwatch
from forest_serving.training.provenance import parameters, provenance
from forest_serving.training.sample import Sample


class Choices(NamedTuple):
    """How to save a model; save says what each means."""

    class_names: ClassNames | None = None
    plot_rows: int = 0
    engine: str = "auto"


class Saved(NamedTuple):
    """The tags of the two stored models."""

    forest: str
    compiled: str


def save(  # noqa: PLR0913 - the options of one call in a notebook
    name: str,
    model: Any,
    X: Any,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
    *,
    units: Units | None = None,
    class_names: ClassNames | None = None,
    plot_rows: int = 0,
    engine: str = "auto",
) -> Saved:
    """Compile a fitted model, prove the result equal, and store both in the BentoML store, ready to be served.

    Args:
        name: saves NAME_forest and NAME_compiled; lower-case letters, digits, - and _.
        model: a fitted forest, or a search such as GridSearchCV that holds one.
        X: the rows that it was fitted to, or some of them: a DataFrame, an array or lists. The names of the features,
            their ranges and the example in the documents come from here.
        y: their labels; only needed for plot_rows and, if it is a Series, for the label column's name.
        units: of the features: a dict by name, or one for each; by default read from names such as "width (cm)".
        class_names: to show in place of the labels: a dict by label, or one for each in the order of classes_.
        plot_rows: how many rows to keep for pictures. Every client can see them.
        engine: "auto", or the one to force.

    Returns:
        The tags of both models.

    Raises:
        NotCompilable: if no engine can reproduce the model.
        BadTrainingData: if X or y does not fit the model.
    """
    check_model_name(name)
    forest = unpacked(model)
    rows, columns = in_the_models_order(*rows_and_names(X), forest)
    check_rows(rows, columns)
    positions = positions_of(y, plain(forest.classes_).tolist(), len(rows))
    label_column = getattr(y, "name", None)
    sample = Sample(
        rows, with_units(columns, units), "rows given in Python", str(label_column or ""), positions=positions
    )
    return save_sample(name, forest, sample, Choices(class_names, plot_rows, engine))


def save_sample(  # noqa: PLR0913 - what a training knows beside the options of save
    name: str,
    forest: Any,
    sample: Sample,
    choices: Choices,
    *,
    report: Mapping[str, Any] | None = None,
    origin: Mapping[str, Any] | None = None,
    watch: Stopwatch | None = None,
) -> Saved:
    """Compile, prove and store a forest, and print what was done; raises, and returns, as save does.

    Args:
        name: saves NAME_forest and NAME_compiled.
        forest: the fitted forest.
        sample: its training data.
        choices: what save was asked for.
        report: how good the forest is; by default unknown.
        origin: facts for the provenance, in place of those that are known of any forest.
        watch: to go on measuring with.
    """
    watch = watch or Stopwatch()
    classes = categories(plain(forest.classes_).tolist(), choices.class_names)
    plotted = sample.plotted(choices.plot_rows)
    engine, proof = _proved(forest, choices.engine, watch)
    known = provenance(sample.source, sample.sha256, parameters(forest))
    card = Card(
        name=name,
        features=sample.features(),
        classes=classes,
        label_column=sample.label_column,
        example=sample.example(),
        engine=engine.kind,
        engine_sha256="",  # this and the tag are the store's to fill in
        forest="",
        proof=proof,
        report=dict(report or {}),
        provenance={**known, **(origin or {}), "seconds": watch.seconds},
        plot_rows=plotted,
    )
    saved = Saved(*store.save(card, forest, engine))
    print("seconds: " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in watch.seconds.items()))
    print(f"saved {saved.forest}\nsaved {saved.compiled}\nto serve it: FOREST_MODEL={name} bentoml serve")
    return saved


def _proved(forest: Any, kind: str, watch: Stopwatch) -> tuple[Engine, str]:
    with watch.step("compiling"):
        engine, reason = compile_forest(forest, kind)
    print(f"compiled to a {engine.kind.replace('_', ' ')}: {reason}")
    with watch.step("proof"):
        proof = prove(engine, forest)
    print(f"proved equal for every input: {proof}")
    return engine, proof
