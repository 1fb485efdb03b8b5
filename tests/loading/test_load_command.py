"""python -m forest_serving features load: all rows of a file, or none and a sentence with the place of the fault."""

import gzip
import shutil
import subprocess
import sys

import msgspec
import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
from sklearn.tree import DecisionTreeClassifier

import forest_serving
from forest_serving.errors import BadFeaturesFile, BadSetting
from forest_serving.loading.command import main
from forest_serving.loading.targets import Folder
from tests.support.churn import churned, customers, pipeline
from tests.support.servers import ROOT, copy_of_store, environment

IRIS = "id,sepal_length,sepal width (cm),petal_length,petal_width\na,5.1,3.5,1.4,0.2\nb,6.7,3,5.2,2.3\n"


@pytest.fixture
def iris(bentoml_home, tmp_path, monkeypatch):
    """Return a function that loads a file's text, checked by the one model there is, and returns the folder."""
    folder = tmp_path / "features"
    monkeypatch.setenv("FOREST_FEATURES", str(folder))

    def load(content=IRIS, *options, name="rows.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        main(["load", str(file), "--id-column", "id", "--model", "iris", *options])
        return Folder(folder)

    return load


def features_of(folder, id):
    record = msgspec.json.decode(folder.get(id))
    assert record.pop("_updated_at").endswith("Z")
    return record


def test_rows_are_stored_by_the_models_names(iris):
    folder = iris()
    assert folder.count() == 2
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert features_of(folder, "b") == dict(zip(names, [6.7, 3.0, 5.2, 2.3], strict=True))


def test_the_same_file_again_changes_nothing(iris, capsys):
    before = iris().get("a")
    assert iris().get("a") == before
    assert capsys.readouterr().out.endswith("0 new, 0 changed, 2 as before, 0 removed.\n")


def test_another_file_is_added_or_takes_the_place_of_all(iris, capsys):
    iris()
    other = IRIS.replace("\na,", "\nc,").replace("6.7", "6.8")
    assert iris(other).count() == 3
    assert iris(other, "--replace").count() == 2
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1 new, 1 changed, 0 as before, 0 removed.",
        "0 new, 0 changed, 2 as before, 1 removed.",
    ]


def test_a_file_without_rows_does_not_replace_all_there_is(iris):
    """It is what an export that failed leaves behind."""
    folder = iris()
    with pytest.raises(BadFeaturesFile, match="no rows"):
        iris(IRIS.partition("\n")[0] + "\n", "--replace")
    assert folder.count() == 2


@pytest.mark.parametrize("options", [[], ["--replace"]])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("c,5.1,x,1.4,0.2", 'rows.csv, line 12,002, id "c", column "sepal width (cm)" is "x"; send a number'),
        ("c,5.1,3.5,1.4,1_0", '"1_0"'),
        ("c,5.1,3.5,1.4,1e39", 'id "c", column "petal_width" is'),
        ("c,5.1,3.5,1.4,", "is missing"),
        ("c,5.1,3.5,1.4,nan", '"nan"'),
        ("c,5.1,3.5,1.4", "line 12,002 has 4 values, the first line 5"),
        (",5.1,3.5,1.4,0.2", "line 12,002 has an id of 0 bytes"),
        ("ü" * 129 + ",5.1,3.5,1.4,0.2", "258 bytes"),
        ("id77,5.1,3.5,1.4,0.2", 'line 12,002 has the id "id77", as line 79 has'),
        ('"c,5.1,3.5,1.4,0.2', "is not CSV"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_changed(iris, tmp_path, line, words, options):
    before = iris().get("a")
    rows = "".join(f"id{number},1,2,3,{number % 7}\n" for number in range(12_000))
    with pytest.raises(BadFeaturesFile) as fault:
        iris(f"{IRIS.splitlines()[0]}\n{rows}{line}\n", *options)
    assert words in str(fault.value)
    folder = Folder(tmp_path / "features")
    assert (folder.count(), folder.get("a")) == (2, before)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("id;x\n1;2\n", "no commas"),
        ("name,sepal_length\n", 'has no column "id"'),
        ("id,sepal_lenght,sepal_width,petal_length,petal_width\n", 'Did you mean "sepal_lenght"?'),
        ("id,id,x\n", "twice"),
        ("id,sepal_length,sepal length (cm),sepal_width,petal_length,petal_width\n", "mean the same"),
        (b"id,x\n\xff,1\n", "is not CSV in UTF-8"),
        (gzip.compress(IRIS.encode(), mtime=0)[:-9], "not all of a gzipped file"),
        (b"PAR1 and nothing more", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(iris, content, words):
    with pytest.raises(BadFeaturesFile) as fault:
        iris(content)
    assert words in str(fault.value)


def test_a_gzipped_file_is_read(iris):
    assert iris(gzip.compress(IRIS.encode()), name="rows.csv.gz").count() == 2


def test_columns_that_the_model_does_not_know_are_named_and_left_out(iris, capsys):
    folder = iris(
        IRIS.replace("petal_width\n", "petal_width,species\n").replace("2\n", "2,x\n").replace("3\n", "3,y\n")
    )
    assert "Not stored: species." in capsys.readouterr().err
    assert len(features_of(folder, "a")) == 4


def test_a_file_without_rows_stores_nothing(iris):
    assert iris(IRIS.splitlines()[0]).count() == 0


def test_odd_line_ends_and_blank_lines_do_no_harm(iris):
    assert iris("\ufeff" + IRIS.replace("\n", "\r\n\r\n")).count() == 2


def test_parquet_is_read(iris, tmp_path):
    table = pd.DataFrame({"id": [1, 2], "sepal_length": [5.1, 6.7], "sepal_width": [3, 3], "petal_length": 1.4})
    table.assign(petal_width=0.2).to_parquet(tmp_path / "rows.parquet")
    folder = iris((tmp_path / "rows.parquet").read_bytes(), name="rows.parquet")
    assert features_of(folder, "2")["sepal_width"] == 3


def test_columns_of_parquet_that_are_called_the_same_are_refused(iris, tmp_path):
    columns = [pyarrow.array([value]) for value in ("a", "b", 5.1)]
    pyarrow.parquet.write_table(pyarrow.table(columns, names=["id", "id", "x"]), tmp_path / "rows.parquet")
    with pytest.raises(BadFeaturesFile, match='the column "id" twice'):
        iris((tmp_path / "rows.parquet").read_bytes(), name="rows.parquet")


def test_without_pyarrow_a_sentence_says_how_to_get_it(iris, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BadFeaturesFile, match=r"pip install \"forest-serving\[parquet\]\""):
        iris(b"PAR1")


@pytest.fixture(scope="module")
def churn():
    """Return customers and a stored model of theirs."""
    table = customers()
    model = pipeline(DecisionTreeClassifier(max_depth=4, random_state=0))
    rows = table.drop(columns="customer")
    model.fit(rows, churned(table))
    forest_serving.save("churn", model, rows, churned(table))
    return table


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_categories_are_stored_in_their_own_type_and_gaps_as_null(bentoml_home, churn, tmp_path, kind):
    file, folder = tmp_path / f"customers.{kind}", tmp_path / "features"
    churn.to_csv(file, index=False) if kind == "csv" else churn.to_parquet(file)
    main(["load", str(file), "--id-column", "customer", "--model", "churn", "--to", str(folder)])
    for row in churn.head(50).itertuples(index=False):
        stored = features_of(Folder(folder), row[0])
        sent = [None if pd.isna(value) else value for value in row[1:]]
        assert list(stored.values()) == sent
        assert type(stored["paperless"]) is bool


def test_a_category_that_nobody_knows_is_refused_where_it_must_be_known(bentoml_home, churn, tmp_path):
    file = tmp_path / "customers.csv"
    churn.assign(contract="weekly").head(3).to_csv(file, index=False)
    main(["load", str(file), "--id-column", "customer", "--model", "churn", "--to", str(tmp_path / "features")])
    assert features_of(Folder(tmp_path / "features"), "C1")["contract"] == "weekly"  # this model answers others, too


UNCHECKED = 'id,n,zip,text,gap,flag\n1,5,007,a,,true\n2,-2.5e3,12,"b,c",x,false\n'


def test_unchecked_rows_are_stored_with_numbers_as_numbers(tmp_path):
    (tmp_path / "rows.csv").write_text(UNCHECKED)
    main(["load", str(tmp_path / "rows.csv"), "--id-column", "id", "--unchecked", "--to", str(tmp_path / "features")])
    folder = Folder(tmp_path / "features")
    assert features_of(folder, "1") == {"n": 5, "zip": "007", "text": "a", "gap": None, "flag": "true"}
    assert features_of(folder, "2") == {"n": -2500.0, "zip": 12, "text": "b,c", "gap": "x", "flag": "false"}


def command(home, *arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "forest_serving", "features", *arguments],
        cwd=ROOT,
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_only_model_checks_and_without_one_rows_are_stored_unchecked(bentoml_home, tmp_path_factory, tmp_path):
    (tmp_path / "rows.csv").write_text(IRIS)
    load = ["load", str(tmp_path / "rows.csv"), "--id-column", "id", "--to", str(tmp_path / "features")]
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("one"))
    for other in (home / "models").glob("churn*"):
        shutil.rmtree(other)
    assert "Storing rows that fit iris_compiled:" in command(home, *load).stderr
    unchecked = command(tmp_path_factory.mktemp("none"), *load)
    assert (unchecked.returncode, "unchecked" in unchecked.stderr, len(unchecked.stderr.splitlines())) == (0, True, 1)


def test_what_is_stored_can_be_looked_at(tmp_path):
    (tmp_path / "rows.csv").write_text(IRIS)
    folder = {"FOREST_FEATURES": str(tmp_path / "features")}
    assert "There are no features in" in command(tmp_path, "count", **folder).stderr
    command(tmp_path, "load", str(tmp_path / "rows.csv"), "--id-column", "id", "--unchecked", **folder)
    assert command(tmp_path, "count", **folder).stdout == "2\n"
    assert command(tmp_path, "get", "a", **folder).stdout.startswith('{"sepal_length":5.1,')
    missing = command(tmp_path, "get", "nothing", **folder)
    assert (missing.returncode, missing.stderr) == (1, 'Nothing is stored under "nothing".\n')


def test_without_a_store_the_sentence_names_the_variable(tmp_path, monkeypatch):
    monkeypatch.delenv("FOREST_FEATURES", raising=False)
    (tmp_path / "rows.csv").write_text(IRIS)
    with pytest.raises(BadSetting, match=r"FOREST_FEATURES.*by --to"):
        main(["load", str(tmp_path / "rows.csv"), "--id-column", "id"])
    with pytest.raises(BadSetting, match=r"FOREST_FEATURES.*by --from"):
        main(["count"])
