"""What is stored under an id, as a resource: as HTTP means its methods, conditions and statuses."""

import asyncio
import json
from time import process_time

import pytest

from forest_serving.errors import UnfitRecord
from forest_serving.protocols.endpoint import TARGET
from forest_serving.protocols.feature_resources import protocol
from forest_serving.settings import read_settings
from tests.support.cards import CHURN, card
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.support.resources import ANY, IRIS, OTHER, asked, ids_of, post, put, store
from tests.support.stores import KEYS


def test_what_is_put_is_got(gateway):
    new = put(gateway)
    assert (new.status, new.headers[b"location"]) == (201, b"/features/a17")
    got = asked(gateway, "GET", "/features/a17")
    assert (got.status, got.body, got.etag) == (200, new.body, new.etag)
    assert got.body == {"id": "a17", "features": IRIS, "etag": got.etag.decode(), "updated_at": got.body["updated_at"]}


def test_what_is_got_can_be_put_back(gateway):
    put(gateway)
    got = asked(gateway, "GET", "/features/a17")
    assert asked(gateway, "PUT", "/features/a17", got.body, if_match=got.etag).status == 204


def test_head_has_the_headers_of_get(gateway):
    put(gateway)
    status, headers, _ = asyncio.run(answer_of(gateway, "HEAD", "/features/a17"))
    assert (status, headers[b"etag"]) == (200, asked(gateway, "GET", "/features/a17").etag)


def test_nothing_is_404(gateway):
    for method, body in [("GET", None), ("DELETE", None), ("PATCH", {"features": {}})]:
        assert asked(gateway, method, "/features/a17", body, **ANY).status == 404
    assert asked(gateway, "GET", "/features/a17/prediction").status == 404


def test_a_change_names_what_it_changes(gateway):
    etag = put(gateway).etag
    assert put(gateway, features=OTHER).status == 428
    replaced = put(gateway, features=OTHER, if_match=b'"x", %b' % etag)
    assert (replaced.status, replaced.etag != etag, replaced.body) == (204, True, {})
    assert put(gateway, if_match=etag).status == 412
    assert asked(gateway, "GET", "/features/a17").body["features"] == OTHER


@pytest.mark.parametrize("condition", [b"W/%b", b"nonsense", b'"00", "11"', b""])
def test_a_condition_that_does_not_name_it_is_not_met(gateway, condition):
    etag = put(gateway).etag
    assert put(gateway, if_match=condition % etag if b"%" in condition else condition).status == 412


def test_a_star_changes_whatever_is_there_but_not_nothing(gateway):
    assert put(gateway, **ANY).status == 412
    put(gateway)
    assert put(gateway, features=OTHER, **ANY).status == 204


def test_what_must_be_new_replaces_nothing(gateway):
    assert put(gateway, if_none_match=b"*").status == 201
    assert put(gateway, if_none_match=b"*").status == 412


def test_what_a_client_has_is_not_sent_again(gateway):
    new = put(gateway)
    for condition in ({"if_none_match": b"W/" + new.etag}, {"if_modified_since": new.headers[b"last-modified"]}):
        same = asked(gateway, "GET", "/features/a17", **condition)
        assert (same.status, same.body, same.etag) == (304, {}, new.etag)
    assert asked(gateway, "GET", "/features/a17", if_none_match=b'"x"').status == 200
    assert asked(gateway, "GET", "/features/a17", if_modified_since=b"Sun, 29 Nov 2020 17:00:00 GMT").status == 200


def test_a_patch_changes_what_it_names(gateway):
    etag = put(gateway).etag
    patch = {"features": {"sepal length (cm)": -7}}
    assert asked(gateway, "PATCH", "/features/a17", patch).status == 428
    kind = {"content_type": b"application/merge-patch+json"}
    patched = asked(gateway, "PATCH", "/features/a17", patch, if_match=etag, **kind)
    assert (patched.status, patched.body["features"]) == (200, IRIS | {"sepal_length": -7})
    assert asked(gateway, "GET", "/features/a17").body == patched.body


def test_null_in_a_patch_is_a_gap_where_the_feature_takes_gaps(features):
    gateway = gateway_of(Recorder(CHURN), features, **KEYS)
    names = [feature.name for feature in CHURN.features]
    record = dict(zip(names, [12.0, 1.0, "premium", 8, True], strict=True))
    put(gateway, features=record)
    gap, none = names[1], names[0]
    assert asked(gateway, "PATCH", "/features/a17", {"features": {gap: None}}, **ANY).body["features"][gap] is None
    refused = asked(gateway, "PATCH", "/features/a17", {"features": {none: None}}, **ANY)
    assert (refused.status, refused.body["detail"][0]["loc"]) == (422, ["features", none])


def test_a_time_beyond_all_times_is_no_condition(gateway):
    put(gateway)
    for time in (b"Mon, 01 Jan 2020 00:00:00 +" + b"9" * 20, b"Mon, 01 Jan " + b"9" * 20 + b" 00:00:00 GMT"):
        assert asked(gateway, "GET", "/features/a17", if_modified_since=time).status == 200


def test_a_list_of_nothing_but_spaces_is_read_at_once(gateway):
    put(gateway)
    for filling in (b" ", b",", b" ,", b'"', b'W/"'):
        began = process_time()
        assert asked(gateway, "GET", "/features/a17", if_none_match=b"x" + filling * 10_000 + b"x").status == 200
        assert process_time() - began < 1


def test_what_is_deleted_is_gone(gateway):
    etag = put(gateway).etag
    assert asked(gateway, "DELETE", "/features/a17").status == 428
    assert asked(gateway, "DELETE", "/features/a17", if_match=b'"x"').status == 412
    gone = asked(gateway, "DELETE", "/features/a17", if_match=etag)
    assert (gone.status, b"content-length" in gone.headers) == (204, False)
    assert asked(gateway, "GET", "/features/a17").status == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (IRIS | {"sepal_lenght": 1}, 'did you mean "sepal_length"?'),
        (IRIS | {"sepal length (cm)": 1}, "comes twice"),
        (IRIS | {"_updated_at": "x"}, "set by the server"),
        (IRIS | {"petal_width": "wide"}, "is a string"),
        (IRIS | {"petal_width": True}, "is a boolean"),
        (IRIS | {"petal_width": None}, "is null"),
        (IRIS | {"petal_width": 1e39}, "beyond"),
        (IRIS | {"petal_width": 10**400}, "beyond"),
        (IRIS | {"petal_width": [1]}, "is a list"),
        ({"petal_width": 1}, "Features are missing: sepal_length, sepal_width, petal_length"),
        ([1, 2, 3, 4], "object"),
        (None, "object"),
    ],
)
def test_what_is_no_row_of_the_model_is_not_stored(gateway, sent, words):
    refused = put(gateway, features=sent)
    assert (refused.status, words in refused.error, refused.body["detail"][0]["loc"][0]) == (422, True, "features")
    many = post(gateway, {"id": "x", "features": IRIS}, {"id": "y", "features": sent})
    assert (many.status, many.body["detail"][0]["loc"][:3]) == (422, ["features", 1, "features"])
    assert ids_of(asked(gateway, "GET", "/features")) == []


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"instances": []}, {"features": IRIS, "more": 1}],
    ids=["none", "list", "{}", "other", "more"],
)
def test_a_body_that_holds_no_record_is_refused(gateway, body):
    assert asked(gateway, "PUT", "/features/a17", body).status == 400


def test_a_body_of_another_id_is_refused(gateway):
    assert asked(gateway, "PUT", "/features/a17", {"id": "b3", "features": IRIS}).status == 422


def test_integers_beyond_64_bits_are_stored_as_doubles(gateway):
    assert put(gateway, features=IRIS | {"petal_width": 2**70}).status == 201
    assert asked(gateway, "POST", "/predict", {"ids": ["a17"]}).status == 200


@pytest.mark.parametrize(
    ("segment", "id"),
    [
        ("%2F", "/"),
        ("a%2Fb", "a/b"),
        ("..%2F..%2Flivez", "../../livez"),
        ("%2E%2E", ".."),
        (".", "."),
        ("%00", "\0"),
        ("%C3%BC", "ü"),
        ("%7Bid%7D", "{id}"),
        ("a%2Fprediction", "a/prediction"),
        ("a+b%20c", "a+b c"),
        ("%25zz", "%zz"),
        ("x" * 256, "x" * 256),
        ("prediction", "prediction"),
    ],
)
def test_an_id_is_one_segment_of_the_path(gateway, segment, id):
    assert put(gateway, segment).status == 201
    assert asked(gateway, "GET", f"/features/{segment}").body["id"] == id
    assert asked(gateway, "GET", f"/features/{segment}/prediction").body["id"] == id
    assert asked(gateway, "POST", "/predict", {"ids": [id]}).status == 200
    assert asked(gateway, "GET", put(gateway, f"{segment[:200]}%21").headers[b"location"].decode()).status == 200


@pytest.mark.parametrize("segment", ["%FF", "%zz", "%", "x" * 257, "%C3%BC" * 129, "%ED%A0%80"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_is_no_id_is_refused(gateway, segment, method):
    body = None if method in ("GET", "DELETE") else {"features": IRIS}
    assert asked(gateway, method, f"/features/{segment}", body, **ANY).status == 400


@pytest.mark.parametrize("record", [b"{oops", b"[1]", b"{},{}", b"5"])
def test_what_somebody_else_stored_and_is_no_record_is_named(features, record):
    gateway = gateway_of(Recorder(card()), features, **KEYS)
    store(features, "bad", record)
    for method, path, body in [
        ("GET", "/features/bad", None),
        ("GET", "/features", None),
        ("GET", "/features/bad/prediction", None),
        ("POST", "/features:lookup", {"ids": ["bad"]}),
    ]:
        refused = asked(gateway, method, path, body)
        assert (refused.status, '"bad"' in refused.error) == (422, True)
    assert put(gateway, "bad", **ANY).status == 204


def test_a_patch_keeps_what_counted_though_it_stood_under_two_names(features):
    gateway = gateway_of(Recorder(card()), features, **KEYS)
    store(features, "odd", json.dumps(IRIS | {"sepal length (cm)": 9.9}).encode())
    patched = asked(gateway, "PATCH", "/features/odd", {"features": {"petal_width": 0.3}}, **ANY)
    assert patched.body["features"] == IRIS | {"petal_width": 0.3}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "yesterday"])
def test_what_somebody_else_stored_at_an_impossible_time_is_read(features, time):
    gateway = gateway_of(Recorder(card()), features, **KEYS)
    store(features, "odd", json.dumps(IRIS | {"_updated_at": time}).encode())
    for condition in ({}, {"if_modified_since": b"Sun, 29 Nov 2020 17:00:00 GMT"}):
        assert asked(gateway, "GET", "/features/odd", **condition).body["features"] == IRIS


def test_the_prediction_is_that_of_the_row(gateway):
    put(gateway)
    got = asked(gateway, "GET", "/features/a17/prediction")
    assert got.body == {"id": "a17", "prediction": 1, "label": "versicolor", "probabilities": [0.0, 1.0, 0.0]}


def test_a_regressor_predicts_a_number(features, regressor):
    gateway = gateway_of(regressor, features, **KEYS)
    example = dict(zip((f.name for f in regressor.card.features), regressor.card.example, strict=True))
    assert put(gateway, features=example).status == 201
    assert set(asked(gateway, "GET", "/features/a17/prediction").body) == {"id", "prediction"}


def test_a_record_has_a_longest(features):
    """Where no model is known; a model's records are as long as its features."""
    put_one = protocol(features, read_settings(KEYS), None, None).table["PUT /features/{id}"].respond
    body = json.dumps({"features": {"text": "x" * 70_000}}).encode()
    with pytest.raises(UnfitRecord, match="65,536"):
        asyncio.run(put_one({TARGET: b"/features/a"}, body))
