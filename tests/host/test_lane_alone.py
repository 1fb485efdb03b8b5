"""What the lane keeps of requests, and what it tells the connection that asks it."""

from time import perf_counter

from forest_serving.http.lane import Lane
from forest_serving.http.whole_heads import WholeHeads
from tests.support.lane_requests import MANY_ROWS, TAKEN
from tests.support.wire import GOOD, GOOD_BODY, request


class Writer:
    """A connection that keeps what is written."""

    def __init__(self):
        self.exchange, self.written, self.fields = None, [], ()

    def default_fields(self):
        return self.fields

    def write_reply(self, content, goes_on):
        self.written.append(content)

    def client_address(self, fields):
        return "x"


def answers_of(service, lane, asked):
    """Return a lane's answers to requests; counting needs an event loop."""
    writer = Writer()

    async def ask():
        assert all(lane.answer(each, writer) for each in asked)

    service.loop.run_until_complete(ask())
    return writer.written


def test_a_client_that_sends_another_head_each_time_fills_no_memory(services):
    """No more heads are kept than fit in a few megabytes."""
    lane = Lane(services[0].gateway)
    each_twice = [number // 2 for number in range(10_000)]
    answers_of(services[0], lane, [request(GOOD_BODY, b"X: %d" % number) for number in each_twice])
    assert 0 < len(lane._heads) <= 2_048
    assert 0 < len(lane._heads._seen) <= 2_048


def test_a_head_of_many_fields_is_answered_but_not_kept(services):
    lane = Lane(services[0].gateway)
    answers_of(services[0], lane, [request(GOOD_BODY, *(b"X-%d: x" % n for n in range(30)))] * 3)
    assert len(lane._heads) == 0


def test_a_head_that_comes_again_is_not_read_again(services):
    lane = Lane(services[0].gateway)
    answers_of(services[0], lane, [GOOD] * 3)
    assert list(lane._heads) == [GOOD[: -len(GOOD_BODY)]]


def test_requests_that_differ_in_their_ids_only_have_one_head_and_keep_their_ids(services):
    lane = Lane(services[0].gateway)
    asked = [request(GOOD_BODY, b"x-request-id: %d" % number) for number in range(3)]
    for number, answer in enumerate(answers_of(services[0], lane, asked)):
        assert b"\r\nx-request-id: %d\r\n" % number in answer
    assert len(lane._heads) == 1


def test_every_reply_has_the_header_fields_of_the_second_it_is_sent_in(services):
    lane, writer = Lane(services[0].gateway), Writer()

    async def ask():
        for date in (b"now", b"then"):
            writer.fields = [(b"date", date)]
            assert lane.answer(GOOD, writer)

    services[0].loop.run_until_complete(ask())
    assert [b"\r\ndate: then\r\n" in written for written in writer.written] == [False, True]


def test_what_is_decided_but_not_sent_keeps_its_place_and_its_beginning(services):
    writer, before_s = Writer(), perf_counter()
    assert not Lane(services[0].gateway).answer(MANY_ROWS, writer)
    assert writer.exchange.request.place == "/predict_proba"
    assert before_s <= writer.exchange.started_s <= perf_counter()


def test_a_probe_whose_head_is_known_is_refused_once_the_server_leaves(services):
    lane, drain, asked = Lane(services[0].gateway), services[0].gateway.drain, TAKEN["a health check"]
    before = answers_of(services[0], lane, [asked] * 3)
    drain.has_begun = True
    try:
        (after,) = answers_of(services[0], lane, [asked])
    finally:
        drain.has_begun = False
    assert (before[-1][:12], after[:12]) == (b"HTTP/1.1 200", b"HTTP/1.1 503")


def test_a_head_that_has_to_meet_another_layer_is_left_alone(services):
    lane = Lane(services[0].gateway, left_alone=frozenset({b"origin"}))
    assert not lane.answer(request(GOOD_BODY, b"Origin: http://x"), Writer())


def test_bytes_that_are_more_than_one_head_are_none():
    assert WholeHeads().find(TAKEN["a health check"] + b"GET /ping HT")[0] is None
    assert WholeHeads().find(GOOD)[0] is None
