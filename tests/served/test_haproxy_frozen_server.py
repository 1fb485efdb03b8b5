"""A server that hangs, as a paused container or virtual machine does, behind the shipped HAProxy."""

import signal
import time

import psutil
import requests

from tests.served.test_rolling_restart import ROWS, two_servers
from tests.support.proxies import proxying
from tests.support.workers import workers_of

FROZEN_S = 3


def test_no_request_is_lost_while_one_of_two_servers_is_frozen(bentoml_home, tmp_path):
    """What it has not answered in time is asked of the other one; connections that it accepts look like life."""
    with (
        two_servers(bentoml_home, tmp_path) as servers,
        proxying(*(server.url for server in servers), folder=tmp_path, PROXY_SERVER_TIMEOUT="500ms") as proxy,
        requests.Session() as session,
    ):
        (worker,) = workers_of(servers[0].url)
        worker.send_signal(signal.SIGSTOP)
        statuses, deadline = [], time.monotonic() + FROZEN_S
        try:
            while time.monotonic() < deadline:
                statuses.append(session.post(f"{proxy.url}/predict", ROWS, timeout=10).status_code)
            assert worker.status() == psutil.STATUS_STOPPED
        finally:
            worker.send_signal(signal.SIGCONT)
        assert set(statuses) == {200}
        assert "/+1 " in proxy.log  # retries, the plus for another server
