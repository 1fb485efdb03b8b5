"""Clients that ask at a steady rate, and remember every request that failed."""

import threading
import time

import requests

from tests.support.image.containers import ROWS

N_CLIENTS = 4


class Clients:
    """Clients that ask until they are told to stop; whatever is not 200 is a failure.

    Args:
        url: the server's.
        pause_s: seconds that each client waits between a reply and its next request.
        key: the API key that they show, if any.
        enter: what each client's thread calls first.
        body: what they send; it must be answered with class 0.
        timeout_s: how long they wait for a reply.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is another thing that a test varies
        self, url, pause_s, key=None, enter=lambda: None, body=ROWS, timeout_s=10
    ):
        self.url, self.pause_s, self.enter = url, pause_s, enter
        self.body, self.timeout_s, self.durations_s = body, timeout_s, []
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.versions, self.failures, self.stopped = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.ask_on) for _ in range(N_CLIENTS)]

    @property
    def answered(self):
        """Return how many requests have been answered with 200."""
        return len(self.versions)

    def ask_on(self):
        """Ask until stopped."""
        self.enter()
        with requests.Session() as session:
            session.headers.update(self.headers)
            while not self.stopped.wait(self.pause_s):
                self.ask(session)

    def ask(self, session):
        """Ask once, and remember the version of the model that answered, or what went wrong."""
        begun = time.monotonic()
        try:
            reply = session.post(f"{self.url}/predict", json=self.body, timeout=self.timeout_s)
        except requests.RequestException as error:
            self.failures.append(repr(error))
            return
        self.durations_s.append(time.monotonic() - begun)
        if reply.status_code == 200 and reply.json() == {"predictions": [0]}:
            self.versions.append(reply.headers["X-Model-Version"])
        else:
            self.failures.append(f"{reply.status_code} {reply.text[:200]}")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
