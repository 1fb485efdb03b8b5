"""A fitted model, from wherever it was trained: compiled, proved, and stored with its card."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec
from sklearn.base import is_classifier

from forest_serving.card import Card, Category
from forest_serving.command_line import check_model_name
from forest_serving.engines.compile import compile_model
from forest_serving.engines.engine import Engine
from forest_serving.engines.fold import Inputs, fold
from forest_serving.engines.proof import prove
from forest_serving.engines.unpacking import unpacked
from forest_serving.errors import BadTrainingData
from forest_serving.explain.saving import explanation_of
from forest_serving.models import store
from forest_serving.models.limits import limits_of
from forest_serving.training.class_names import ClassNames, categories
from forest_serving.training.columns import Units
from forest_serving.training.given_answers import labels_of
from forest_serving.training.given_sample import given_sample, given_test
from forest_serving.training.held_out import HeldOut
from forest_serving.training.model_answers import model_answers
from forest_serving.training.progress import Stopwatch
from forest_serving.training.provenance import parameters, provenance
from forest_serving.training.report import report_text
from forest_serving.training.sample import Sample
from forest_serving.training.tested import tested


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
    missing: Collection[str] = (),
    units: Units | None = None,
    class_names: ClassNames | None = None,
    plot_rows: int = 0,
    engine: str = "auto",
    test: tuple[Any, Any] | None = None,
) -> Saved:
    """Compile a fitted model, prove the result equal, and store both in the BentoML store, ready to be served.

    Args:
        name: saves NAME_forest and NAME_compiled; lower-case letters, digits, - and _.
        model: fitted: trees, a Pipeline that ends in them, or a search such as GridSearchCV that found either.
        X: the rows that it was fitted to, or some of them: a DataFrame, an array or lists, as the model takes them. The
            names of the features, their ranges and the example in the documents come from here.
        y: their labels, or a regressor's targets; only needed for plot_rows and, if it is a Series, for its name.
        missing: names of columns where a value may be missing, although none is in X. Where one is, it may be anyway.
        units: of the features: a dict by name, or one for each; by default read from names such as "width (cm)".
        class_names: to show in place of the labels: a dict by label, or one for each in the order of classes_.
        plot_rows: how many rows to keep for pictures. Every client can see them.
        engine: "auto", or the one to force.
        test: X and y of rows that the model has not learned from, to judge what is served by; the report is kept in the
            model card. Without it nothing is known of how good the model is.

    Returns:
        The tags of both models.

    Raises:
        NotCompilable: if no engine can reproduce the model.
        BadTrainingData: if X, y or test does not fit the model.
    """
    check_model_name(name)
    model = unpacked(model)
    sample = given_sample(model, X, y, missing, units)
    held_out = None if test is None else given_test(model, test, sample.features)
    return save_sample(name, model, sample, Choices(class_names, plot_rows, engine), held_out=held_out)


def save_sample(  # noqa: PLR0913 - what is known of a model comes from many places
    name: str,
    model: Any,
    sample: Sample,
    choices: Choices,
    *,
    report: Mapping[str, Any] | None = None,
    held_out: HeldOut | None = None,
    origin: Mapping[str, Any] | None = None,
    watch: Stopwatch | None = None,
) -> Saved:
    """Compile, prove and store a model that unpacked returned.

    Args:
        name: of the model.
        model: fitted.
        sample: its training data.
        choices: what save was asked for.
        report: how good the model is; by default unknown.
        held_out: rows to find it out with.
        origin: facts for the provenance, in place of those that are known of any model.
        watch: to go on measuring with.
    """
    watch = watch or Stopwatch()
    classes = classes_of(model, choices.class_names)
    plotted = sample.plotted(choices.plot_rows)
    inputs, engine, proof = _proved(model, sample, choices.engine, watch)
    if held_out:
        with watch.step("test"):
            report = tested(engine, inputs.features, classes, held_out, sample.rows)
        print(report_text(report))
    with watch.step("answers"):
        answers = model_answers(model, inputs, engine, sample.rows, held_out.rows if held_out else None)
    known = provenance(sample.source, sample.sha256, parameters(model))
    card = Card(
        name=name,
        features=inputs.features,
        classes=classes,
        label_column=sample.label_column,
        example=sample.example(),
        engine=engine.kind,
        engine_sha256="",  # hashes and the tag are the store's to fill in
        forest="",
        proof=proof,
        report=dict(report or {}),
        provenance={**known, **(origin or {}), "seconds": watch.seconds},
        plot_rows=plotted,
        answer_deciles=answers.deciles,
        answer_counts=answers.counts,
        unseen_answer_counts=answers.unseen_counts,
    )
    card = msgspec.structs.replace(card, limits=limits_of(card))
    saved = Saved(*store.save(card, model, engine, explanation_of(inputs, engine)))
    print("seconds: " + ", ".join(f"{step} {seconds:.1f}" for step, seconds in watch.seconds.items()))
    print(f"saved {saved.forest}\nsaved {saved.compiled}\nto serve it: FOREST_MODEL={name} bentoml serve")
    return saved


def classes_of(model: Any, names: ClassNames | None) -> tuple[Category, ...]:
    """Return the classes of a fitted model, none for a regressor; raises BadTrainingData if the names do not fit."""
    if is_classifier(model):
        return categories(labels_of(model), names)
    if names is not None:
        raise BadTrainingData("class_names are for classes, and the model answers with numbers; leave them out.")
    return ()


def _proved(model: Any, sample: Sample, kind: str, watch: Stopwatch) -> tuple[Inputs, Engine, str]:
    with watch.step("compiling"):
        inputs = fold(model, sample.features)
        engine, reason = compile_model(inputs, kind)
    print(f"compiled to a {engine.kind.replace('_', ' ')}: {reason}")
    with watch.step("proof"):
        proof = prove(engine, model, inputs)
    print(f"proved equal for every input: {proof}")
    return inputs, engine, proof
