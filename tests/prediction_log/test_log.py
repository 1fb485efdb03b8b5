"""The log: which requests it keeps, and that none waits for it."""

import asyncio
import uuid
from zlib import crc32

import pytest

from forest_serving.monitoring.monitor import Monitor
from forest_serving.prediction_log import log as log_module
from forest_serving.protocols.endpoint import Reply
from forest_serving.settings import Settings
from tests.monitoring.monitors import ASKED
from tests.prediction_log.logs import Kept, log_of, note, poll
from tests.support.cards import card

N_IDS = 20_000


def kept_of(ids, share):
    """Return which of some requests a log keeps."""
    log = log_of(card(), sink := Kept(), share)
    monitor = Monitor(card(), Settings(), None)
    monitor.keep(log)
    asyncio.run(answer(monitor, ids))
    log.close()
    return {record.request_id.encode() for record in sink.records}


async def answer(monitor, ids):
    for request_id in ids:
        reply = Reply(b"", asked=([[0.5, 1.0, 2.0, 0.2]], [0]))
        monitor.answered(ASKED, reply, request_id, 0.001, lambda fields: "")


@pytest.mark.parametrize(
    "ids",
    [
        [b"0123456789ab-%x" % number for number in range(N_IDS)],
        [b"%d" % number for number in range(N_IDS)],
        [str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128)).encode() for number in range(N_IDS)],
    ],
    ids=["the server's", "numbers", "UUIDs"],
)
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_about_the_share_is_kept_of_any_kind_of_ids(ids, share):
    spread = 4 * (share * (1 - share) / N_IDS) ** 0.5
    assert len(kept_of(ids, share)) / N_IDS == pytest.approx(share, abs=spread)


def test_an_id_is_kept_by_every_service_or_by_none():
    """The rule is in the documentation, for services in other languages."""
    ids = [b"id-%d" % number for number in range(2_000)]
    assert kept_of(ids, 0.1) == {each for each in ids if crc32(each) < 0.1 * 2**32}
    assert kept_of(ids, 0.1) < kept_of(ids, 0.2)


def test_without_a_share_all_are_kept():
    assert len(kept_of([b"%d" % number for number in range(500)], 1.0)) == 500


def test_what_finds_the_queue_full_is_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(log_module, "QUEUE_BYTES", 100_000)
    sink = Kept()
    sink.may_go_on = False
    log = log_of(card(), sink)
    for _ in range(10):
        note(log, rows=[[0.5, 1.0, 2.0, 0.2]] * 50, results=[0] * 50)
    sink.may_go_on = True
    log.close()
    assert 0 < log.dropped["queue"] < 500
    assert log.n_rows + log.dropped["queue"] == 500


@pytest.mark.parametrize(("fault", "reason"), [(OSError("full"), "disk"), (ValueError("odd"), "fault")])
def test_what_cannot_be_written_is_counted_and_the_log_goes_on(fault, reason):
    sink = Kept()
    log = log_of(card(), sink)
    sink.fault = fault
    note(log, b"lost")
    poll(lambda: log.dropped[reason] == 1)
    sink.fault = None
    note(log, b"kept")
    poll(lambda: log.n_rows == 1)
    assert [record.request_id for record in sink.records] == ["kept"]


def test_what_is_counted_is_told():
    told, sink = [], Kept()
    log = log_of(card(), sink)
    log.told = lambda: told.append(log.n_rows)
    note(log)
    poll(lambda: told == [1])
