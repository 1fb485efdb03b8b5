"""A rolling restart of two servers behind the shipped HAProxy, under a steady load: nothing is lost."""

import contextlib
import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.proxies import proxying, until
from tests.support.servers import copy_of_store, free_port, serving

N_REQUESTS = 10_000
N_CLIENTS = 4
PAUSE_S = 0.003  # between two requests of a client: hundreds of requests a second from all
ROWS = '{"instances": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}'
DRAIN_S = "2"


class Server:
    """One server, on the same port before and after its restart."""

    def __init__(self, name, home):
        self.name = name
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.running = contextlib.ExitStack()

    def start(self):
        """Start it, and return once it is ready."""
        self.running.enter_context(serving(home=self.home, port=self.port, FOREST_DRAIN_S=DRAIN_S))

    def restart(self, proxy):
        """Send it SIGTERM, wait for its end, start it, and return once HAProxy has seen all of that."""
        self.running.close()
        self.start()
        until(lambda: f"\nServer servers/{self.name} is UP" in proxy.log, 10)


@contextlib.contextmanager
def two_servers(bentoml_home, folder):
    """Run two servers and yield them."""
    servers = [Server(name, copy_of_store(bentoml_home, folder / name)) for name in "ab"]
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as starting:
        for server in servers:
            stack.push(server.running)
        list(starting.map(Server.start, servers))
        yield servers


def ask(connection):
    """Send one request; return its outcome. The connection is opened anew only after the server closed it in words."""
    try:
        connection.request("POST", "/predict", ROWS)
        reply = connection.getresponse()
        return reply.status, reply.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return repr(error)


def keep_asking(proxy, outcomes, restarted):
    """Ask at a steady pace until the restart is over and there were enough requests."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    while len(outcomes) < N_REQUESTS or not restarted.is_set():
        start = time.perf_counter()
        outcomes.append((ask(connection), time.perf_counter() - start))
        time.sleep(PAUSE_S)
    connection.close()


def outcomes_during(restart, proxy):
    """Return the outcome and duration of each request sent around a restart."""
    outcomes, restarted = [], threading.Event()
    with ThreadPoolExecutor(N_CLIENTS) as pool:
        clients = [pool.submit(keep_asking, proxy, outcomes, restarted) for _ in range(N_CLIENTS)]
        until(lambda: len(outcomes) > 100, 10)
        try:
            restart()
        finally:
            restarted.set()
    assert not any(client.exception() for client in clients)
    return outcomes


def test_a_rolling_restart_under_load_loses_no_request(bentoml_home, tmp_path):
    """One server after the other is restarted; the clients keep their connections and never repeat a request."""
    with (
        two_servers(bentoml_home, tmp_path) as servers,
        proxying(*(server.url for server in servers), folder=tmp_path) as proxy,
    ):
        outcomes = outcomes_during(lambda: [server.restart(proxy) for server in servers], proxy)
    lost = [outcome for outcome, _ in outcomes if outcome != (200, b'{"predictions":[0,2]}')]
    assert lost == []
    for server in servers:  # out of rotation because it said so, not because it was found gone
        assert f"Server servers/{server.name} is DOWN, reason: Layer7 wrong status, code: 503" in proxy.log
    seconds = sorted(seconds for _, seconds in outcomes)
    assert seconds[len(seconds) * 99 // 100] < 1
