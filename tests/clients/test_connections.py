"""Clients whose way with a connection is their own: Java's HttpClient, Go's net/http, curl."""

import json
import os
import subprocess

import pytest

from tests.support.servers import ROOT

CLIENTS = ROOT / "tests" / "clients"
ROW, ANSWER = '{"instances": [[5.1, 3.5, 1.4, 0.2]]}', '{"predictions":[0]}'


def lines_of(*command, **variables):
    """Return the lines that a program prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_javas_client_which_offers_http_2_each_time_is_answered_in_http_1_1(served_url):
    asked = lines_of("java", CLIENTS / "Ask.java", f"{served_url}/predict", ROW, ROW)
    assert asked == [f"200 HTTP_1_1 {ANSWER}"] * 2


def test_javas_client_is_told_what_is_wrong_with_its_body(served_url):
    (line,) = lines_of("java", CLIENTS / "Ask.java", f"{served_url}/predict", '{"instances": []}')
    assert line.startswith('400 HTTP_1_1 {"error":')


def test_go_gets_each_answer_to_its_own_request_though_one_was_refused_before_its_body(served_url, tmp_path):
    """Go 1.19 sends the body of a refused request on the same connection, where it could be read as a request."""
    told = lines_of("go", "run", CLIENTS / "ask.go", served_url, GOCACHE=str(tmp_path), GOFLAGS="-mod=mod")
    assert [line.partition(" ")[0] for line in told] == ["200", "404", "200"]
    assert (told[0], told[2]) == (f"200 {ANSWER}", f"200 {ANSWER}")


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_curl_is_answered_whichever_version_it_offers(served_url, version):
    told = lines_of("curl", "-s", version, f"{served_url}/predict", "-H", "Content-Type: application/json", "-d", ROW)
    assert told == [ANSWER]


def test_curl_that_asks_before_it_sends_is_answered(served_url):
    many = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]] * 3_000})
    command = ("curl", "-s", f"{served_url}/predict", "-H", "Expect: 100-continue", "-d", many)
    assert json.loads(lines_of(*command)[0]) == {"predictions": [0] * 3_000}
