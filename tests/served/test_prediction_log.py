"""The prediction log of real servers: every protocol, both ways, several workers, a kill, a full disk, a collector."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from zlib import crc32

import msgspec
import numpy as np
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.prediction_log.logs import lines_in, poll, records_in
from tests.served.test_metrics import metrics, value
from tests.support import whole
from tests.support.collectors import collecting
from tests.support.servers import ROOT, bentoml, copy_of_store, environment, serving
from tests.support.supervised import supervised

ROW = [5.1, 3.5, 1.4, 0.2]
ROWS, DROPPED = "forest_prediction_log_rows_total", "forest_prediction_log_dropped_total"
CHURN = """
from sklearn.ensemble import RandomForestClassifier
import forest_serving
from tests.support.churn import churned, customers, pipeline
table = customers().drop(columns="customer")
fitted = pipeline(RandomForestClassifier(4, max_depth=4, random_state=0)).fit(table, churned(table))
forest_serving.save("churn", fitted, table, churned(table))
"""


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


def ask(url, rows=(ROW,), request_id=None, path="/predict", timeout=10):
    headers = {"X-Request-ID": request_id} if request_id else {}
    return whole.post(f"{url}{path}", json={"instances": list(rows)}, headers=headers, timeout=timeout)


def logged(url):
    return value(metrics(url), ROWS)


@pytest.mark.parametrize("way", ["true", "false"], ids=["lane", "asgi"])
def test_every_endpoint_s_example_is_logged_with_what_was_answered(home, folder, way):
    """Whatever the protocol, and also what is answered with bytes. The probabilities are those of /predict_proba."""
    with serving(home=home, FOREST_PREDICTION_LOG=str(folder), FOREST_LANE=way) as url:
        document = whole.get(f"{url}/docs.json", timeout=10).json()
        asked = [
            path
            for path in document["paths"]
            for media_type in examples(document, path)
            if send(url, document, path, media_type)
        ]
        reply = ask(url, [ROW], "mine", "/predict_proba").json()
        poll(lambda: logged(url) == len(asked) + 1)
    *found, mine = records_in(folder)
    assert [each["endpoint"] for each in found] == asked
    assert len(set(asked)) > 5
    assert all(list(each["features"].values()) == list(found[0]["features"].values()) for each in found)
    assert (mine["request_id"], list(mine["features"].values())) == ("mine", ROW)
    assert ([mine["prediction"]], [mine["probabilities"]]) == (reply["predictions"], reply["probabilities"])


def examples(document, path):
    """Return what may be sent to a path that predicts, by its media type."""
    if path in {"/v2/repository/index", "/ui/regions"}:  # the cells of a picture are made up, and not logged
        return {}
    return document["paths"][path].get("post", {}).get("requestBody", {}).get("content", {})


def send(url, document, path, media_type):
    example = examples(document, path)[media_type].get("example")
    body = example if isinstance(example, str) else json.dumps(example)
    reply = whole.post(f"{url}{path}", data=body, headers={"Content-Type": media_type}, timeout=10)
    return reply.ok


def test_many_rows_are_logged_each_with_its_position(home, folder):
    rows = np.random.default_rng(0).uniform(0, 7, (30_000, 4)).round(2)
    with serving(home=home, FOREST_PREDICTION_LOG=str(folder)) as url:
        parts = [rows[start : start + 10_000].tolist() for start in range(0, 30_000, 10_000)]
        replies = [ask(url, part, f"part-{number}").json() for number, part in enumerate(parts)]
        poll(lambda: logged(url) == 30_000)
    found = records_in(folder)
    assert [(each["request_id"], each["row"]) for each in found] == [
        (f"part-{number}", row) for number in range(3) for row in range(10_000)
    ]
    assert [list(each["features"].values()) for each in found] == rows.tolist()
    assert [each["prediction"] for each in found] == list(chain.from_iterable(each["predictions"] for each in replies))


def test_two_workers_log_a_share_by_request_id_and_count_together(home, folder):
    """Each in files of its own; the same ids as any other service would keep."""
    ids = [f"order-{number}" for number in range(1_000)]
    kept = {each for each in ids if crc32(each.encode()) < 0.2 * 2**32}
    variables = {"FOREST_PREDICTION_LOG": str(folder), "FOREST_PREDICTION_LOG_SAMPLE": "0.2"}
    with supervised(home, n_workers=2, **variables) as server:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda each: ask(server.url, request_id=each).ok, ids))
        poll(lambda: logged(server.url) == len(kept))
        pids = {str(worker.pid) for worker in server.workers()}
    assert {each["request_id"] for each in records_in(folder)} == kept
    assert {path.name.split("-")[2] for path in folder.iterdir()} == pids


def test_a_worker_that_is_killed_under_load_leaves_one_torn_line_at_most_and_its_successor_goes_on(home, folder):
    with supervised(home, FOREST_PREDICTION_LOG=str(folder)) as server:
        (first,) = server.workers()
        rows = [ROW] * 10_000
        threading.Timer(0.4, first.kill).start()
        while first.is_running():
            try:
                ask(server.url, rows, timeout=5)
            except OSError:
                break
        poll(lambda: server.is_ready() and ask(server.url, request_id="after").ok)
        poll(lambda: any(b'"after"' in line for line in lines_in(folder)))
    files = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert sum(not content.endswith(b"\n") for content in files) <= 1
    whole_lines = [line for content in files for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
    assert {msgspec.json.decode(line)["model"] for line in whole_lines} == {"iris"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_full_disk_costs_no_reply_and_the_log_recovers(home, folder):
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k,mode=700", "tmpfs", folder], capture_output=True)
    if mount.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with serving(home=home, FOREST_PREDICTION_LOG=str(folder)) as url:
            assert all(ask(url, [ROW] * 200).ok for _ in range(10))
            poll(lambda: value(metrics(url), DROPPED, reason="disk") > 0)
            for path in folder.iterdir():
                path.unlink()
            poll(lambda: ask(url, request_id="after").ok and b'"after"' in b"".join(lines_in(folder)))
        assert len((home / "server.log").read_text().split("Rows of the prediction log are lost")) == 2
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_personal_column_is_nowhere(home, folder, tmp_path):
    subprocess.run([sys.executable, "-c", CHURN], cwd=ROOT, env=environment(home), check=True, timeout=120)
    row = {"age": 47.123, "contract": "two years", "charge": 3.25, "paperless": True, "calls": None}
    variables = {"FOREST_MODEL": "churn", "FOREST_PREDICTION_LOG": str(folder), "FOREST_ACCESS_LOG": "true"}
    with serving(home=home, FOREST_PREDICTION_LOG_WITHOUT="age,paperless", **variables) as url:
        assert ask(url, [row | {"calls": 3}]).ok
        ask(url, [row])
        poll(lambda: logged(url) >= 1)
        told = metrics(url)
    texts = [path.read_text() for path in (*folder.iterdir(), home / "server.log")]
    assert not [text for text in (*texts, repr(told)) if "47.123" in text]
    assert {tuple(each["features"]) for each in records_in(folder)} == {("contract", "charge", "calls")}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"FOREST_PREDICTION_LOG_WITHOUT": "petal_lenght"},
            'FOREST_PREDICTION_LOG_WITHOUT names "petal_lenght", which is no column of the model "iris"'
            ' (did you mean "petal_length"?).',
        ),
        (
            {"FOREST_PREDICTION_LOG": "otlp"},
            "FOREST_PREDICTION_LOG=otlp needs the collector's address: set OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, or "
            "OTEL_EXPORTER_OTLP_ENDPOINT for traces, too.",
        ),
        (
            {"FOREST_PREDICTION_LOG": "/proc/nowhere"},
            "FOREST_PREDICTION_LOG: nothing can be written in /proc/nowhere (No such file or directory).",
        ),
    ],
    ids=["column", "collector", "folder"],
)
def test_a_server_that_cannot_log_as_it_is_told_ends_with_one_sentence(bentoml_home, variables, sentence):
    done = bentoml("serve", "--port", "0", home=bentoml_home, **variables)
    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1] == sentence


def test_without_the_setting_nothing_is_written(home, tmp_path):
    with serving(home=home, FOREST_PREDICTION_LOG_SAMPLE="0.5") as url:
        assert ask(url).ok
        assert logged(url) == 0
    assert not list(tmp_path.rglob("*.jsonl"))


def logged_in(body):
    """Return the records of logs in a body, each with what it comes from."""
    found = ExportLogsServiceRequest.FromString(body).resource_logs
    return [(each.resource, record) for each in found for scope in each.scope_logs for record in scope.log_records]


@pytest.fixture
def collector():
    """Return a collector's URL, and the records of logs that reach it."""
    with collecting("/v1/logs", logged_in) as found:
        yield found


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_collector_gets_what_files_would_hold(home, collector, variable):
    address, records = collector
    path = "/v1/logs" if "LOGS" in variable else ""
    with serving(home=home, FOREST_PREDICTION_LOG="otlp", **{variable: address + path}) as url:
        assert ask(url, [ROW, ROW], "mine").ok
        poll(lambda: logged(url) == 2)
    (resource, record), _ = records
    body = {pair.key: pair.value for pair in record.body.kvlist_value.values}
    assert (body["request_id"].string_value, body["features"].kvlist_value.values[0].value.double_value) == (
        "mine",
        5.1,
    )
    assert {pair.key: pair.value.string_value for pair in resource.attributes}["service.name"] == "IrisClassifier"


def test_a_collector_that_is_gone_costs_no_reply(home):
    address = "http://127.0.0.1:9/v1/logs"
    variables = {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": address, "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "1"}
    with serving(home=home, FOREST_PREDICTION_LOG="otlp", **variables) as url:
        assert all(ask(url).ok for _ in range(20))
        poll(lambda: value(metrics(url), DROPPED, reason="collector") > 0)
