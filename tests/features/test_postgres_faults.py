"""A PostgreSQL that hangs, dies, cuts connections or is locked: nothing waits longer than it should, and it heals."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import time

import asyncpg
import pytest

from forest_serving.errors import SourceDown, SourceTooSlow
from forest_serving.features.fetching import Fetching
from forest_serving.features.postgres_source import CONNECTIONS, PostgresSource
from forest_serving.settings import Settings
from tests.support.postgres_servers import postgres
from tests.support.sources import closing, fetched, until_it_answers, within

RECORDS = [b'{"id":"f8","width":1}']
BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forest_serving'"


@pytest.fixture(scope="module")
def server():
    with postgres() as server:
        server.psql("CREATE TABLE features (id text PRIMARY KEY, width float8)")
        server.psql("INSERT INTO features SELECT 'f' || i, i / 8.0 FROM generate_series(0, 999) i")
        yield server


@contextlib.asynccontextmanager
async def locked(server):
    """Keep everybody else from reading the table."""
    connection = await asyncpg.connect(server.url())
    await connection.execute("BEGIN; LOCK TABLE features IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await connection.close()


async def eventually(condition, seconds=5):
    """Wait until something holds, which is asked without blocking what runs here."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


def test_a_hanging_server_is_left_at_once_and_asked_again_when_it_goes_on(server):
    async def run():
        async with closing(PostgresSource(server.url())) as source:
            await source.fetch(["f8"])
            server.signal(signal.SIGSTOP)
            try:
                hung = [await within(0.05, source.fetch(["f8"])) for _ in range(20)]
            finally:
                server.signal(signal.SIGCONT)
            return hung, await until_it_answers(source, ["f8"])

    assert asyncio.run(run()) == ([None] * 20, RECORDS)


def test_a_killed_server_is_found_again(server):
    async def run():
        async with closing(PostgresSource(server.url())) as source:
            await source.fetch(["f8"])
            server.kill()
            down = await within(1, source.fetch(["f8"]))
            await asyncio.to_thread(server.start)
            return down, await until_it_answers(source, ["f8"])

    down, records = asyncio.run(run())
    assert isinstance(down, OSError)
    assert records == RECORDS


def test_cut_connections_are_replaced_before_anybody_notices(server):
    """Where it is cut in the middle of a fetch, that is repeated once."""

    async def run():
        fetching = Fetching(PostgresSource(server.url()), Settings(features_timeout_s=5))
        for _ in range(10):
            cut = asyncio.create_task(asyncio.to_thread(server.psql, CUT))
            while not cut.done():
                assert await fetching.find(["f8"]) == RECORDS
        await fetching.close()

    asyncio.run(run())


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'forest_serving'"


def test_a_statement_that_nobody_waits_for_ends_in_the_server_too(server):
    async def run():
        async with closing(PostgresSource(server.url(), timeout_s=0.3)) as source, locked(server):
            assert [await within(0.2, source.fetch(["f8"])) for _ in range(5)] == [None] * 5
            await eventually(lambda: server.value(f"{BACKENDS} AND state = 'active'") == "0")

    asyncio.run(run())


def test_after_a_lock_rows_are_found_again(server):
    async def run():
        async with closing(PostgresSource(server.url())) as source:
            async with locked(server):
                await within(0.2, source.fetch(["f8"]))
            return await until_it_answers(source, ["f8"])

    assert asyncio.run(run()) == RECORDS


def test_a_lock_is_told_of_where_the_server_gives_up_first(server):
    async def run():
        async with closing(PostgresSource(server.url("?statement_timeout=50"))) as source, locked(server):
            return str(await within(5, source.fetch(["f8"])))

    assert "statement timeout; is features locked" in asyncio.run(run())


def test_cancelled_fetches_leave_nothing_behind(server):
    async def run():
        async with closing(PostgresSource(server.url())) as source:
            spread = random.Random(0)  # noqa: S311 - no secret
            for _ in range(20):
                asked = [within(spread.uniform(0, 0.01), source.fetch([f"f{n}"])) for n in range(20)]
                await asyncio.gather(*asked)
            assert await until_it_answers(source, ["f8"]) == RECORDS
            assert int(server.value(BACKENDS)) <= CONNECTIONS
        await eventually(lambda: server.value(BACKENDS) == "0")
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert not asyncio.run(run())


@pytest.mark.parametrize("fault", ["hang", "kill", "lock", "cut"])
def test_under_load_all_are_answered_rightly_or_refused_in_time(server, fault):
    """And are answered again within two seconds after it is over."""

    async def run():
        fetching = Fetching(PostgresSource(server.url()), Settings())
        await fetching.find(["f0"])
        asking = [asyncio.create_task(ask(fetching, number)) for number in range(32)]
        await asyncio.sleep(0.3)
        async with happening(server, fault):
            await asyncio.sleep(1)
        over = time.monotonic()
        outcomes = [outcome for task in asking for outcome in await task]
        await fetching.close()
        return over, outcomes

    over, outcomes = asyncio.run(run())
    assert all(right for _, _, right in outcomes)
    assert max(seconds for _, seconds, _ in outcomes) < 1
    assert any(found for began, _, found in outcomes if found == "found" and began > over)


async def ask(fetching, number):
    """Ask one after another for four seconds; return when each was asked, how long it took, and what came."""
    outcomes, end = [], time.monotonic() + 4
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            (record,) = await fetching.find([f"f{number}"])
            right = "found" if record == b'{"id":"f%d","width":%g}' % (number, number / 8) else ""
        except (SourceDown, SourceTooSlow):
            right = "refused"
            await asyncio.sleep(0.01)
        outcomes.append((began, time.monotonic() - began, right))
        await asyncio.sleep(0)
    return outcomes


@contextlib.asynccontextmanager
async def happening(server, fault):
    """Let something happen to a server, and let it be over."""
    if fault == "lock":
        async with locked(server):
            yield
        return
    before = {"hang": lambda: server.signal(signal.SIGSTOP), "kill": server.kill, "cut": lambda: server.psql(CUT)}
    after = {"hang": lambda: server.signal(signal.SIGCONT), "kill": server.start, "cut": lambda: server.psql(CUT)}
    await asyncio.to_thread(before[fault])
    try:
        yield
    finally:
        await asyncio.to_thread(after[fault])


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return who signs the server's certificate, and the options of a server that has it."""
    import trustme

    folder = tmp_path_factory.mktemp("authority")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    return ca, folder / "ca.pem"


@pytest.fixture(scope="module")
def encrypted(authority):
    ca, _ = authority
    with postgres() as server:
        certificate = ca.issue_cert("127.0.0.1")
        for name, content in ("crt", certificate.cert_chain_pems[0]), ("key", certificate.private_key_pem):
            file = server.folder / f"server.{name}"  # where PostgreSQL looks for it
            content.write_to_path(file)
            file.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(file, "postgres", "postgres")
        server.stop()
        server.start("-c", "ssl=on")
        server.psql("CREATE TABLE features (id text, width float8); INSERT INTO features VALUES ('f8', 1)")
        yield server


def test_with_tls_the_server_is_checked_as_sslmode_says(encrypted, authority):
    url = encrypted.url(f"?sslmode=verify-full&sslrootcert={authority[1]}")
    assert fetched(PostgresSource(url), ["f8"]) == [{"id": "f8", "width": 1}]


def test_a_server_that_somebody_else_vouches_for_is_not_asked(encrypted, tmp_path):
    import trustme

    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    with pytest.raises(OSError, match="certificate verify failed"):
        fetched(PostgresSource(encrypted.url(f"?sslmode=verify-full&sslrootcert={tmp_path / 'other.pem'}")), ["f8"])


def test_no_tls_is_an_error_where_it_is_required(server):
    with pytest.raises(OSError, match="rejected SSL"):
        fetched(PostgresSource(server.url("?sslmode=require")), ["f8"])
