"""Clients that nobody here wrote, each in an environment of its own."""

from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.support.clients import said
from tests.support.servers import ROOT

RIGHT = [0, 2]


@pytest.fixture(scope="module")
def triton(served_url):
    """Return what tritonclient got."""
    return said("triton", "triton.py", urlsplit(served_url).netloc)


@pytest.fixture(scope="module")
def mlflow(served_url):
    """Return what MLflow's client got."""
    return said("mlflow", "mlflow_client.py", str(urlsplit(served_url).port))


@pytest.fixture(scope="module")
def sagemaker(served_url):
    """Return what SageMaker's SDK read."""
    return said("sagemaker", "sagemaker_client.py", served_url)


@pytest.fixture(scope="module")
def kserve(served_url):
    """Return what KServe's SDK got."""
    return said("kserve", "kserve_client.py", urlsplit(served_url).netloc)


def test_tritonclient_finds_server_and_model_ready(triton):
    assert triton["healthy"] == [True, True, True]
    assert "binary_tensor_data" in triton["extensions"]
    assert [(model["name"], model["state"]) for model in triton["index"]] == [
        ("iris", "READY"),
        ("iris-explain", "READY"),
    ]


@pytest.mark.parametrize("way", ["binary", "json", "columns"])
def test_tritonclient_gets_the_classes_however_it_sends_rows(triton, way):
    assert triton[way] == [RIGHT]


def test_tritonclient_gets_json_and_binary_outputs_in_one_reply(triton):
    labels, probabilities = triton["mixed"]
    assert labels == RIGHT
    assert np.argmax(probabilities, axis=1).tolist() == RIGHT


def test_tritonclient_gets_all_outputs_if_it_names_none(triton):
    labels, probabilities = triton["all"]
    assert labels == RIGHT
    assert np.argmax(probabilities, axis=1).tolist() == RIGHT


def test_tritonclient_is_told_that_no_memory_is_shared(triton):
    status, words = triton["shared memory"]
    assert (status, 'Output "predict" is in shared memory' in words) == ("400", True)


def test_tritonclient_can_send_integers(triton, model):
    assert triton["integers"] == [model.answer([[5, 3, 1, 0], [6, 3, 5, 2]]).predictions()]


def test_tritonclient_gets_a_hundred_thousand_rows_answered(triton, model):
    rows = np.random.default_rng(0).uniform(0, 8, (100_000, 4))
    assert triton["many"] == int(model.engine.predict(rows).sum())


def test_tritonclient_gets_its_id_back(triton):
    assert triton["id"] == "7"


@pytest.mark.parametrize(
    ("case", "status", "words"),
    [("nan", "400", "number 6 is NaN"), ("version", "404", "its one version"), ("model", "404", 'model is "iris"')],
)
def test_tritonclient_is_told_what_is_wrong(triton, case, status, words):
    assert (triton[case][0], words in triton[case][1]) == (status, True)


@pytest.mark.parametrize("way", ["frame", "reversed", "array", "list", "with parameters"])
def test_mlflows_client_gets_the_classes_however_it_sends_rows(mlflow, way):
    assert mlflow[way] == RIGHT


def test_mlflows_client_is_told_which_column_is_missing(mlflow):
    assert "Columns are missing: sepal_length" in mlflow["missing"]
    assert "BAD_REQUEST" in mlflow["missing"]


@pytest.mark.parametrize("sent", ["csv", "csv of an array", "json", "json lines", "json lines of features", "npy"])
def test_sagemakers_deserializers_read_the_answers_to_what_its_serializers_write(sagemaker, sent):
    assert sagemaker[f"{sent} as json"] == sagemaker[f"{sent} as json lines"] == sagemaker[f"{sent} as npy"] == RIGHT
    assert sagemaker[f"{sent} as csv"] == [["0"], ["2"]]


@pytest.mark.parametrize("sent", ["csv with names", "json object"])
def test_sagemakers_deserializers_also_read_the_answers_to_what_mlflow_shares_with_it(sagemaker, sent):
    assert sagemaker[f"{sent} as json"] == {"predictions": RIGHT}
    assert sagemaker[f"{sent} as json lines"] == sagemaker[f"{sent} as npy"] == RIGHT
    assert sagemaker[f"{sent} as csv"] == [["0"], ["2"]]


@pytest.mark.parametrize(("content_type", "n_rows"), [("text/csv", 65_536), ("application/jsonlines", 25_000)])
def test_a_batch_transform_may_send_as_much_as_it_is_told(sagemaker, content_type, n_rows):
    done = sagemaker[f"transform of {content_type}"]
    assert set(done["statuses"]) == {200}
    assert (done["n_answers"], done["labels"]) == (150_000, ["0", "2"] * 5)
    assert done["n_rows_at_most"] >= n_rows


@pytest.mark.parametrize(("protocol", "ready"), [("v1", None), ("v2", True)])
def test_kserves_client_finds_server_and_model_alive_and_ready(kserve, protocol, ready):
    """V1 has no readiness of a server but its models'."""
    assert kserve[f"{protocol} health"] == [True, ready, True]


@pytest.mark.parametrize("way", ["json", "binary", "both ways binary"])
def test_kserves_client_gets_all_outputs_however_it_sends_and_wants_them(kserve, model, way):
    answers = model.answer([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], with_probabilities=True)
    assert kserve["inferred"][way] == {
        "predict": RIGHT,
        "predict_proba": [list(row) for row in answers.probabilities()],
    }


def test_kserves_client_gets_the_output_that_it_names(kserve):
    assert kserve["inferred"]["one output"] == {"predict": RIGHT}


def test_kserves_client_speaks_v1_and_words_a_refusal(kserve):
    assert kserve["predicted"] == {"predictions": RIGHT}
    assert "row 0 has 3" in kserve["refused"]


def test_kserves_transformer_gets_the_classes_from_its_predictor(kserve):
    """With a binary tensor it sends two Content-Types."""
    assert kserve["v1 transformer"] == {"predictions": RIGHT}
    assert kserve["v2 transformer"]["predict"] == kserve["v2 transformer, binary"]["predict"] == RIGHT


@pytest.mark.parametrize("client", ["triton", "mlflow", "kserve", "sagemaker", "sslyze", "feast", "evidently"])
def test_a_clients_environment_is_locked_with_hashes(client):
    lock = (ROOT / "tests" / "clients" / f"{client}.txt").read_text()
    requirements = [line for line in lock.splitlines() if line and line[0] not in "# "]
    assert requirements
    assert "://" not in lock
    assert lock.count("--hash=sha256:") >= len(requirements)
