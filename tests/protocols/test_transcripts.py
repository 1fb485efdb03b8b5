"""The transcripts beside this file, request and reply, are what a real server says. They are also documentation."""

import json
import re
from pathlib import Path

import pytest

from tests.protocols.conftest import VERTEX_HEALTH
from tests.support import whole
from tests.support.servers import ROOT

FOLDER = Path(__file__).parent
TRANSCRIPTS = sorted(FOLDER.glob("*/*.http"))


def parts(text):
    """Return the first line, the headers and the body of a request or a reply."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    return first, dict(line.split(": ", 1) for line in lines), body.rstrip("\n")


def value(text):
    """Return JSON as a value, other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text.rstrip("\n")


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_the_server_replies_as_the_transcript_says(platforms_url, file):
    version = whole.get(f"{platforms_url}/model", timeout=5).json()["version"]
    sent, received = re.split(r"^(?=HTTP )", file.read_text().replace("VERSION", version), flags=re.MULTILINE)
    (first, headers, body), (status, expected, answer) = parts(sent), parts(received)
    method, path = first.split()
    reply = whole.request(method, platforms_url + path, data=body or None, headers=headers, timeout=5)
    assert (f"HTTP {reply.status_code}", reply.headers["Content-Type"]) == (status, expected["Content-Type"])
    assert value(reply.text) == value(answer)


def test_the_documentation_links_every_folder_of_transcripts():
    text = (ROOT / "docs" / "reference" / "protocols.md").read_text()
    assert all(f"tests/protocols/{folder.name}" in text for folder in FOLDER.iterdir() if list(folder.glob("*.http")))


def test_health_at_vertex_ais_route_is_not_the_services_own_path(served_url):
    assert whole.get(served_url + VERTEX_HEALTH, timeout=5).status_code == 404
