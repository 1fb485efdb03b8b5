"""Where the page is: below a prefix, too, and nowhere if it is switched off."""

import contextlib
import subprocess

import pytest
import requests
from playwright.sync_api import expect

from tests.support.browsing import answer_of
from tests.support.proxies import HAPROXY, until
from tests.support.servers import copy_of_store, free_port, serving, stop

PREFIXING = """
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend prefix
    bind 127.0.0.1:{port}
    http-request deny deny_status 404 unless {{ path_beg /some/prefix/ }}
    http-request replace-path /some/prefix(/.*) \\1
    default_backend servers
backend servers
    server one {server}
"""


@pytest.fixture
def below_a_prefix(urls, tmp_path):
    """Return the URL below which another HAProxy shows the server of Iris, and nothing beside."""
    port, file = free_port(), tmp_path / "haproxy.cfg"
    file.write_text(PREFIXING.format(port=port, server=urls["iris"].removeprefix("http://")))
    process = subprocess.Popen([str(HAPROXY), "-db", "-f", file])
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(url), 10)
        yield url
    finally:
        stop(process)


def answers(url):
    """Return whether somebody answers."""
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(url, timeout=5) is not None
    return False


def test_it_works_below_a_prefix(visit, below_a_prefix):
    page = visit(below_a_prefix, "/some/prefix/ui")
    expect(answer_of(page)).to_have_text("setosa")
    expect(page.locator(".curl code")).to_contain_text(f"{below_a_prefix}/some/prefix/predict_proba")


def test_its_links_lead_below_the_prefix(visit, below_a_prefix):
    page = visit(below_a_prefix, "/some/prefix/ui/")
    page.get_by_role("link", name="Model card").click()
    expect(page).to_have_url(f"{below_a_prefix}/some/prefix/ui/model")
    expect(page.get_by_role("heading", level=1)).to_contain_text("iris")


def test_switched_off_it_is_not_there_and_says_why(shown_home, tmp_path):
    with serving(home=copy_of_store(shown_home, tmp_path), FOREST_UI="false") as url:
        replies = [requests.get(url + path, timeout=10) for path in ("/ui", "/ui/model", "/ui/card.json")]
    assert [reply.status_code for reply in replies] == [404, 404, 404]
    assert "FOREST_UI" in replies[0].text
