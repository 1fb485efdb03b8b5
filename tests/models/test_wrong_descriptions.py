"""Whatever model.yaml says, a model is served as it was saved, or refused with a sentence."""

import copy
import re
import shutil

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forest_serving.card import sha256_of_card
from forest_serving.errors import DamagedModel, OperatorError
from forest_serving.models import store
from tests.support.faults import MODEL, Saver

VALUES = [None, True, -1, 2**70, float("nan"), float("inf"), "", "x", "\ud800", b"\xff", [], {}, [[]], {1: 2}, {"a": 1}]


@pytest.fixture(scope="module")
def version(bentoml_home):
    """Return the folder of a version, and what its description says."""
    tag = Saver().save()
    folder = bentoml_home / "models" / tag.replace(":", "/")
    yield folder, yaml.safe_load((folder / "model.yaml").read_text())
    for name in (MODEL, "crashed_forest"):
        shutil.rmtree(bentoml_home / "models" / name)


def places(found, path=()):
    """Return the path to each value."""
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [path, *(place for key, value in items for place in places(value, (*path, key)))]


def changed(found, path, value):
    """Return a description with another value at a place."""
    if not path:
        return value
    found = copy.deepcopy(found)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


def verdict(folder, description, is_sealed):
    """Return the sentence with which a description is refused, or nothing."""
    if is_sealed and isinstance(description, dict) and isinstance(description.get("labels"), dict):
        try:
            description["labels"]["card_sha256"] = sha256_of_card(description["metadata"])
        except Exception:  # nothing that could have been saved
            description["labels"].pop("card_sha256", None)
    (folder / "model.yaml").write_text(yaml.dump(description, sort_keys=False), errors="surrogatepass")
    try:
        model = store.load(f"{MODEL}:{folder.name}")
    except OperatorError as error:
        return str(error)
    assert model.tag == f"{MODEL}:{folder.name}"
    return ""


@given(data=st.data(), is_sealed=st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_wrong_value_is_refused_with_a_sentence_or_does_no_harm(version, data, is_sealed):
    folder, description = version
    path = data.draw(st.sampled_from(places(description)))
    value = data.draw(st.sampled_from(VALUES))
    sentence = verdict(folder, changed(description, path, value), is_sealed)
    assert not sentence or re.fullmatch(r"[A-Z][^\n]*[.]|[^\n]*FILE --name crashed|[^\n]*shows them\.", sentence)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "features", 0, "name"), "y"),
        (("metadata", "features", 0, "deciles", 0), -1.0),
        (("metadata", "classes"), [{"label": "yes, soon", "name": "x"}, {"label": "no", "name": "y"}]),
        (("metadata", "example", 0), 3.0),
        (("metadata", "report"), {"accuracy": 1.0}),
    ],
)
def test_a_card_that_was_edited_is_refused(version, path, value):
    """Even where all of it could be true."""
    folder, description = version
    assert "is not the one that was saved" in verdict(folder, changed(description, path, value), is_sealed=False)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "features"), [{"name": n, "deciles": [0.0] * 11} for n in "ab"]),
        (("metadata", "classes", 0, "label"), 0),
        (("metadata", "engine"), "flat"),
        (("metadata", "name"), "wine"),
        (("metadata", "engine_sha256"), "0"),
        (("metadata", "plot_rows"), [[1.0]]),
        (("metadata", "features", 0, "counts"), [1, 2]),
        (("metadata", "features", 0, "n_missing"), -1),
        (("metadata", "answer_counts"), [1]),
        (("metadata", "answer_deciles"), [0.0] * 11),
        (("metadata", "classes"), [{"label": "no", "name": "x"}] * 2),
    ],
)
def test_a_card_that_contradicts_the_engine_is_refused_even_if_its_hash_is_right(version, path, value):
    folder, description = version
    assert verdict(folder, changed(description, path, value), is_sealed=True)


@pytest.mark.parametrize(
    "text", ["&a [*a]", "metadata: &a {report: *a}\nlabels: {}", "[" * 5000, "? [a]\n: b", "\x00", "{"]
)
def test_text_that_is_odd_yaml_is_refused(version, text):
    folder, _ = version
    (folder / "model.yaml").write_text(text)
    with pytest.raises(DamagedModel, match="cannot be"):
        store.load(f"{MODEL}:{folder.name}")


def test_a_model_that_this_user_may_not_read_is_one_sentence(version, monkeypatch):
    folder, description = version
    (folder / "model.yaml").write_text(yaml.dump(description, sort_keys=False))

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("forest_serving.models.versions.contents", refuse)
    with pytest.raises(DamagedModel, match=r"cannot be read: Permission denied \(.*engine|model\.yaml\)"):
        store.read(f"{MODEL}:{folder.name}")
