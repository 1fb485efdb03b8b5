"""Bodies of many rows, which are read in another way than those of a few: by the same rules, for any of their rows."""

import pytest

from tests.support.verdicts import verdict
from tests.support.wire import ask, request

GOOD_ROW, N_ROWS = b"[1, 2, 3, 4]", 5_000


def body_with(last):
    """Return many good rows and a last one."""
    return b'{"instances": [' + (GOOD_ROW + b", ") * N_ROWS + last + b"]}"


LAST = {  # the last row, and the status of the answer
    "a good row": (b"[5, 3, 1, 0]", 200),
    "the largest number": (b"[3.4028235677973362e38, 0, 0, 0]", 200),
    "a number of 400 digits after the point": (b"[1, 2, 3, 0." + b"3" * 400 + b"]", 200),
    "a number too large": (b"[0, 0, 0, 3.4028235677973366e38]", 400),
    "a number of 400 digits": (b"[1, 2, 3, " + b"9" * 400 + b"]", 400),
    "1e999": (b"[1, 2, 3, 1e999]", 400),
    "NaN": (b"[1, 2, 3, NaN]", 400),
    "a row of three": (b"[1, 2, 3]", 400),
    "a row in a row": (b"[1, 2, [3, 4]]", 400),
    "two numbers without a comma": (b"[1, 2, 3 4]", 400),
    "a comma too many": (b"[1, 2, 3,]", 400),
    "a text": (b'[1, 2, 3, "4"]', 400),
    "a second field": (b'[1, 2, 3, 4]], "instances": [[1, 2, 3, 4]', 200),
    "another field": (b'[1, 2, 3, 4]], "instancs": [[1, 2, 3, 4]', 400),
}


@pytest.mark.parametrize(("last", "status"), LAST.values(), ids=LAST)
def test_the_last_of_many_rows_is_checked_as_the_first_of_few(attacked, last, status):
    assert verdict(ask(attacked.url, request(body_with(last)))) == status


@pytest.mark.parametrize("name", [b"instancs", b"inst ances", b"instances1", b"eeinstances"])
def test_many_rows_under_another_name_are_400(attacked, name):
    body = body_with(GOOD_ROW).replace(b"instances", name)
    assert verdict(ask(attacked.url, request(body))) == 400


def test_more_rows_than_the_limit_are_413(attacked):
    """90,000 rows fit into a body, but answering them would keep all others waiting."""
    assert verdict(ask(attacked.url, request(b'{"instances":[[1,2,3,4]' + b",[1,2,3,4]" * 90_000 + b"]}"))) == 413
