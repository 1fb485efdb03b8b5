"""Load on a server while something happens to its store, and what became of each request."""

import asyncio
import time
from typing import NamedTuple

import aiohttp

BY_ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
BY_ID = {"ids": ["a17", "b3"]}
STORED = {
    "a17": '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}',
    "b3": '{"sepal_length":6.7,"sepal_width":3.0,"petal_length":5.2,"petal_width":2.3}',
}
ASKERS = {"row": 4, "id": 12, "ready": 1}
TIMEOUT_S = 0.2  # what FOREST_FEATURES_TIMEOUT_S is by default


class Answer(NamedTuple):
    """What became of one request: its kind, status, when it was sent, how long it took, and when to come back."""

    kind: str
    status: int
    sent_s: float
    took_s: float
    retry_after: str | None


class Observed(list):
    """The answers to all requests."""

    def of(self, kind, since_s=0.0, status=None):
        """Return those of a kind that were sent after a time, and have a status."""
        return [a for a in self if a.kind == kind and a.sent_s >= since_s and status in (None, a.status)]

    def statuses(self, kind, since_s=0.0):
        """Return which statuses they have."""
        return {answer.status for answer in self.of(kind, since_s)}


def observe(url, *steps, n_by_id=ASKERS["id"]):
    """Ask a server all the time; meanwhile carry out steps: functions, and numbers of seconds to wait between them.

    Returns:
        the answers, and at which time each function was called.
    """
    return asyncio.run(_observe(url, steps, ASKERS | {"id": n_by_id}))


async def _observe(url, steps, n_askers):
    answers, called_s = Observed(), []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
        askers = [
            asyncio.ensure_future(_ask(session, url, kind, answers)) for kind, n in n_askers.items() for _ in range(n)
        ]
        for step in steps:
            if callable(step):
                called_s.append(time.monotonic())
                await asyncio.to_thread(step)
            else:
                await asyncio.sleep(step)
        for asker in askers:
            asker.cancel()
        await asyncio.gather(*askers, return_exceptions=True)
    return answers, called_s


async def _ask(session, url, kind, answers):
    while True:
        sent_s = time.monotonic()
        if kind == "ready":
            asked = session.get(f"{url}/readyz")
        else:
            asked = session.post(f"{url}/predict", json=BY_ROW if kind == "row" else BY_ID)
        async with asked as reply:
            await reply.read()
        took_s = time.monotonic() - sent_s
        answers.append(Answer(kind, reply.status, sent_s, took_s, reply.headers.get("Retry-After")))
        await asyncio.sleep(0.02)
