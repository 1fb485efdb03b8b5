"""What a web page from elsewhere can do to a server that its visitor's browser can reach; no origin is allowed here."""

import pytest
import requests

BODY = '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
ELSEWHERE = "https://elsewhere.example"
# What a page may send without asking first; form data only because curl says so by default.
SIMPLE = {"text/plain": 415, "text/plain;charset=UTF-8": 415, "multipart/form-data": 415}
SIMPLE |= {"application/x-www-form-urlencoded": 200}


def post(served_url, **headers):
    return requests.post(f"{served_url}/predict", data=BODY, headers=headers, timeout=10)


@pytest.mark.parametrize(("media_type", "status"), SIMPLE.items(), ids=SIMPLE)
def test_a_page_can_send_rows_but_read_no_answer(served_url, media_type, status):
    """A browser shows a page what another server says only where that server allows its origin."""
    reply = post(served_url, **{"Origin": ELSEWHERE, "Content-Type": media_type})
    assert reply.status_code == status
    assert not [name for name in reply.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("asked", ["content-type", "authorization"])
def test_a_page_that_asks_whether_it_may_send_json_or_a_key_is_not_allowed(served_url, asked):
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked}
    reply = requests.options(f"{served_url}/predict", headers={"Origin": ELSEWHERE, **asks}, timeout=10)
    assert reply.status_code == 405
    assert not [name for name in reply.headers if name.lower().startswith("access-control-")]


def test_a_name_that_was_made_to_mean_this_machine_is_answered(served_url):
    """By DNS rebinding a page has the server's own origin. Without keys, nothing tells it from other clients."""
    assert post(served_url, Host="elsewhere.example:3000", Origin="http://elsewhere.example:3000").ok
