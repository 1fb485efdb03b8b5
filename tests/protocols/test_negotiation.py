"""What a client accepts."""

from time import process_time

import pytest

from forest_serving.protocols.negotiation import best_of, check_accept

OFFERED = [b"application/json", b"text/csv", b"application/x-npy"]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (b"", b"application/json"),
        (b"*/*", b"application/json"),
        (b"text/csv", b"text/csv"),
        (b"text/*;q=0.5, application/*;q=0.4", b"text/csv"),
        (b"*/*;q=0.5, application/x-npy", b"application/x-npy"),
        (b"*/*, application/json;q=0", b"text/csv"),
    ],
)
def test_the_type_of_the_greatest_weight_is_chosen(accept, wanted):
    assert best_of(accept, OFFERED, OFFERED[0]) == wanted


def test_a_long_header_is_read_once_however_many_types_are_offered():
    accept = b",".join(b"a/%d;q=0.1" % n for n in range(50_000)) + b",*/*"

    def least_s(ask, *others):
        tries = []
        for _ in range(5):
            started = process_time()
            ask(accept, *others)
            tries.append(process_time() - started)
        return min(tries)

    many = [b"a/b%d" % n for n in range(20)]
    assert least_s(best_of, many, many[0]) < 5 * least_s(check_accept, many[0])
