"""What tests of the prediction log share: records out of files, and a model that answers as tests say."""

import time

import msgspec

from forest_serving.prediction_log.log import PredictionLog
from forest_serving.prediction_log.records import Recorder
from tests.support import in_process


def records_in(folder):
    """Return every record in a folder's files, in the order of their names; a torn line fails."""
    return [msgspec.json.decode(line) for line in lines_in(folder)]


def lines_in(folder):
    """Return every line of a folder's files."""
    return [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


def recorder(card, without=()):
    """Return what makes records for a card; its model answers with the second class above zero."""
    return Recorder(in_process.Recorder(card), without)


def poll(condition, timeout_s=30):
    """Return once a condition holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


class Kept:
    """A sink that keeps records, unless it is told to fail or to wait."""

    name = "disk"

    def __init__(self):
        self.records, self.fault, self.may_go_on = [], None, True

    def prepare(self, records):
        return records

    def write(self, prepared):
        poll(lambda: self.may_go_on)
        if self.fault:
            raise self.fault
        for records in prepared:
            self.records += records

    def rest(self):
        pass


def log_of(card, sink, share=1.0):
    """Return a log for a card."""
    return PredictionLog(recorder(card), sink, share)


def note(log, request_id=b"a", rows=((0.5, 1.0, 2.0, 0.2),), results=(0,)):
    """Note a request."""
    log.keep((0.0, request_id, "/predict", 0.001, (list(map(list, rows)), list(results))))
    log.flush()
