"""The compiler chooses an engine by what a table would take, and keeps both within bounds."""

import tracemalloc

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeRegressor

from forest_serving.engines import compile as compiler
from forest_serving.engines import proof, tabulate
from forest_serving.engines.archive import pack, unpack
from forest_serving.engines.compile import compile_model
from forest_serving.errors import NotCompilable
from tests.support.compiled import compiled, inputs_of, proved
from tests.support.forests import Trained, adversarial_rows, bits, fit_dataset, probabilities_of


def stumps(n_trees, n_features=1, n_rows=500):
    """Return trees that split once each, at random places."""
    rows = np.random.default_rng(0).random((n_rows, n_features)) * 1e6
    labels = rows.sum(axis=1) > rows.sum(axis=1).mean()
    return ExtraTreesClassifier(n_trees, max_depth=1, max_features=1, random_state=0).fit(rows, labels.astype(int))


def test_a_forest_with_few_cells_becomes_a_table(forest):
    engine, reason = compile_model(inputs_of(forest))
    assert engine.kind == "decision_table"
    n_megabytes = (engine.answers.nbytes + engine.outputs.nbytes) / 1e6
    n_cells, n_answers = len(engine.answers), len(engine.outputs)
    assert reason == f"{n_cells:,} cells with {n_answers:,} distinct answers take {n_megabytes:.1f} MB"


def test_a_forest_with_many_cells_is_walked():
    engine, reason = compile_model(inputs_of(fit_dataset("wine").forest))
    assert engine.kind == "forest"
    assert reason.endswith("10^22 cells are more than the 4,000,000 of the largest table")


def test_a_table_of_too_many_bytes_is_walked(forest, monkeypatch):
    monkeypatch.setattr(tabulate, "MAX_TABLE_BYTES", 300)
    engine, reason = compile_model(inputs_of(forest))
    assert engine.kind == "forest"
    assert "distinct answers of" in reason


def test_the_limits_allow_what_they_name(forest, monkeypatch):
    table = compiled(forest, "decision_table")
    row_bytes = 8 * (len(table.classes) + 1)  # and the position of the class
    n_bytes_while_numbering = 4 * len(table.answers) + row_bytes * len(table.outputs)
    monkeypatch.setattr(tabulate, "MAX_CELLS", len(table.answers))
    monkeypatch.setattr(tabulate, "MAX_TABLE_BYTES", n_bytes_while_numbering)
    assert compiled(forest).kind == "decision_table"


@pytest.mark.parametrize("limit", ["MAX_CELLS", "MAX_TABLE_BYTES"])
def test_a_forced_table_that_does_not_fit_is_refused_with_the_way_out(forest, limit, monkeypatch):
    monkeypatch.setattr(tabulate, limit, 20)
    sentence = r"^No decision table: .+\. Use fewer or shallower trees, or the engine forest\.$"
    with pytest.raises(NotCompilable, match=sentence):
        compiled(forest, "decision_table")


def test_an_engine_can_be_forced(forest, kind):
    assert compiled(forest, kind).kind == kind


def test_an_engine_that_does_not_exist_is_refused_by_name(forest):
    with pytest.raises(NotCompilable, match="There is no engine 'decision_tabel'; choose one of auto, decision_table"):
        compiled(forest, "decision_tabel")


def test_more_cells_than_a_double_can_count_are_walked():
    rows, labels = make_classification(300, 500, random_state=0)
    forest = RandomForestClassifier(60, max_features=1, random_state=0).fit(rows, labels)
    assert compiled(forest).kind == "forest"


def test_a_table_may_have_more_features_than_numpy_has_dimensions():
    rows, labels = make_classification(100, 100, random_state=0)
    forest = RandomForestClassifier(3, max_depth=1, random_state=0).fit(rows, labels)
    engine, rows = compiled(forest), adversarial_rows(Trained(forest, rows), 1_000)
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(forest, rows)))


@pytest.mark.parametrize(("n_answers", "index"), [(256, np.uint8), (257, np.uint16)])
def test_the_index_has_one_byte_for_256_answers_and_two_for_more(n_answers, index):
    table = compiled(stumps(n_answers - 1), "decision_table")
    assert (len(table.outputs), table.answers.dtype) == (n_answers, index)


def test_more_than_65536_distinct_answers_are_told_apart():
    forest = stumps(150, n_features=3)
    table = compiled(forest, "decision_table")
    assert len(table.outputs) > 65_536
    rows = np.random.default_rng(1).random((20_000, 3)) * 1e6
    assert np.array_equal(bits(table.predict_proba(rows)), bits(probabilities_of(forest, rows)))


def test_tabulating_and_proving_never_hold_all_cells(monkeypatch):
    """Of all cells, corners and probabilities would take 5 MB."""
    monkeypatch.setattr(tabulate, "_BLOCK_CELLS", tabulate._BLOCK_CELLS // 32)
    monkeypatch.setattr(proof, "_BLOCK_CELLS", proof._BLOCK_CELLS // 32)
    forest = fit_dataset("iris", n_trees=25).forest
    tracemalloc.start()
    table = compiled(forest, "decision_table")
    peak_of_tabulating = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    proved(table, forest)
    peak_of_proving = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_of_tabulating < len(table.answers) * (table.n_features + len(table.classes)) * 8
    assert peak_of_proving < len(table.answers) * (table.n_features + len(table.classes)) * 8


def test_a_forest_costs_as_many_trees_as_it_has_and_a_table_one(table, walked):
    """By this, a server divides its work among those who wait for it."""
    assert (table.n_trees, walked.n_trees) == (1, 5)


def test_more_thresholds_than_a_column_can_have_are_compiled_exactly():
    rows = np.arange(70_000.0)[:, np.newaxis]
    tree = DecisionTreeRegressor(random_state=0).fit(rows, np.random.default_rng(0).normal(size=len(rows)))
    engine = compiled(tree, "forest")
    assert len(engine.columns.feature) == 2
    assert proved(engine, tree)
    between = np.concatenate([rows, rows + 0.5, np.nextafter(rows + 0.5, np.inf)])
    assert np.array_equal(unpack(pack(engine)).predict(between), tree.predict(between))


def test_more_questions_than_there_can_be_columns_are_refused(monkeypatch):
    monkeypatch.setattr(compiler, "MOST_COLUMNS", 3)
    sentence = r"^The trees ask 4 different questions about categories, and at most 3 can be compiled; .+\.$"
    with pytest.raises(NotCompilable, match=sentence):
        compiled(fit_dataset("iris").forest, "forest")
