"""Changes of an LMDB store: made in one thread, so that no fsync, and no long load of another process, is waited for.

What waits together is made together, in one transaction with one fsync. Who has waited too long goes away for certain:
a change is either taken by the thread or given up, never both.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

import lmdb

from forest_serving.errors import RequestError, SourceBusy, SourceDown, SourceTooSlow
from forest_serving.features.lmdb_environment import Environment
from forest_serving.features.records import is_expected
from forest_serving.features.source import Change, NotAsExpected

WAIT_S = 5.0  # until changes of others are made
COMMIT_S = 25.0  # until the disk has it
_MOST_JOBS = 1_000  # in one transaction
_STOP_S = 10.0
_SOON = {"Retry-After": "1"}
Result = list[str] | Exception


class Job:
    """Changes that belong together.

    Args:
        changes: all or none are made.
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes
        self.result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._is_open = Lock()

    def take(self) -> bool:
        """Return True to the first who asks: the thread, to make the changes, or who waits, to give them up."""
        return self._is_open.acquire(blocking=False)

    def settle(self, result: Result) -> None:
        """Tell the result, from the thread; a loop that has ended does not hear it."""
        with suppress(RuntimeError):
            self.result.get_loop().call_soon_threadsafe(self._tell, result)

    def _tell(self, result: Result) -> None:
        if not self.result.done():
            self.result.set_result(result)


class Writer:
    """The thread that changes a store.

    Args:
        environment: what is changed.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def change(self, changes: Sequence[Change]) -> list[str]:
        """Make changes, see Writable.change; they wait for those of other processes, and for the disk."""
        if not self.environment.can_write:
            raise SourceDown("The store of features is on a read-only disk; change it where it can be written.")
        if self._thread is None:
            self._thread = Thread(target=self._run, name="features-writer", daemon=True)
            self._thread.start()
        job = Job(changes)
        self._jobs.put(job)
        try:
            result = await _result_of(job)
        finally:
            job.take()  # whoever is cancelled wants it no more
        if isinstance(result, Exception):
            raise result
        return result

    def stop(self) -> bool:
        """End the thread, and return whether it has ended; it has not if another process does not let it write."""
        if self._thread is None:
            return True
        self._jobs.put(None)
        self._thread.join(_STOP_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs: list[Job] = []
            try:
                results = self._results(first, jobs)
            except Exception as error:
                if not jobs and first.take():
                    jobs.append(first)
                results = [self._refusal(error)] * len(jobs)
            for job, result in zip(jobs, results, strict=True):
                job.settle(result)

    def _results(self, first: Job, jobs: list[Job]) -> list[Result]:
        """Return the results of all jobs that wait once something can be written; jobs gets them."""
        try:
            return self._write(first, jobs)
        except lmdb.MapFullError:
            self.environment.grow()
            return self._results(first, jobs)

    def _write(self, first: Job, jobs: list[Job]) -> list[Result]:
        transaction = self.environment.begin_to_write()
        try:
            if not jobs:
                jobs += [job for job in [first, *self._others()] if job.take()]
            results = [_made(job.changes, transaction) for job in jobs]
            transaction.commit()
        except BaseException:
            transaction.abort()
            raise
        return results

    def _refusal(self, error: Exception) -> RequestError:
        """Return what clients are told when nothing could be written."""
        reason = self.environment.reason_of(error)
        return SourceDown(
            f"The store of features cannot be written ({reason}), and nothing was changed.", headers=_SOON
        )

    def _others(self) -> list[Job]:
        """Return what waits beside a first job."""
        jobs: list[Job] = []
        with suppress(Empty):
            while len(jobs) < _MOST_JOBS:
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put(None)
                    break
                jobs.append(job)
        return jobs


async def _result_of(job: Job) -> Result:
    done, _ = await asyncio.wait([job.result], timeout=WAIT_S)
    if not done and job.take():
        sentence = f"The store of features was busy with another change for {WAIT_S:g} s, and this one was not made"
        raise SourceBusy(f"{sentence}; repeat it.", headers=_SOON)
    done, _ = await asyncio.wait([job.result], timeout=COMMIT_S)
    if not done:
        sentence = f"The disk did not say within {COMMIT_S:g} s that the change is on it"
        raise SourceTooSlow(f"{sentence}; read what is stored before you repeat it.")
    return job.result.result()


def _made(changes: Sequence[Change], transaction: Any) -> Result:
    """Make changes if all find what they expect; return which ids were new."""
    old = {change.id: transaction.get(change.id.encode()) for change in changes}
    if others := [change.id for change in changes if not is_expected(change, old[change.id])]:
        return NotAsExpected(others)
    for change in changes:
        if change.record is None:
            transaction.delete(change.id.encode())
        else:
            transaction.put(change.id.encode(), change.record)
    return [change.id for change in changes if old[change.id] is None]
