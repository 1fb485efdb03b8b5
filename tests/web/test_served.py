"""The page over a real server, in the lane and without one."""

import numpy as np
import pytest

from tests.support import whole

AXES = {"x": {"feature": "petal_length", "from": 1, "to": 7}, "y": {"feature": "petal_width", "from": 0, "to": 3}}
ROW = [5.1, 3.5, 1.4, 0.2]


def headers_of(reply):
    """Return a reply's headers but for the one that differs each time, and what uvicorn adds."""
    return {
        name.lower(): value for name, value in reply.headers.items() if name.lower() not in {"x-request-id", "date"}
    }


@pytest.mark.parametrize("path", ["/ui", "/ui/model", "/ui/page.css", "/ui/main.js", "/ui/card.json"])
def test_head_says_what_get_would(either_url, path):
    got, head = (whole.request(method, f"{either_url}{path}", timeout=5) for method in ("GET", "HEAD"))
    assert got.status_code == head.status_code == 200
    assert (headers_of(head), head.content) == (headers_of(got), b"")


def test_what_a_browser_has_is_not_sent_again(either_url):
    tag = whole.get(f"{either_url}/ui/main.js", timeout=5).headers["etag"]
    reply = whole.request("GET", f"{either_url}/ui/main.js", headers={"If-None-Match": tag}, timeout=5)
    assert (reply.status_code, reply.content) == (304, b"")


def test_all_files_of_the_page_are_one_series_of_metrics(either_url):
    """There are as many files as all other series together."""
    for file in ("main.js", "page.css"):
        assert whole.get(f"{either_url}/ui/{file}", timeout=5).ok
    told = whole.get(f"{either_url}/metrics", timeout=5).text
    assert ('endpoint="/ui/{file}",http_response_code="200"' in told, "main.js" in told) == (True, False)


def test_a_slash_behind_the_page_leads_to_it(either_url):
    reply = whole.get(f"{either_url}/ui/", timeout=5)
    assert [each.status_code for each in reply.history] == [308] or reply.status_code == 308


def test_a_picture_of_160_000_cells_comes_whole(either_url, model):
    reply = whole.request("POST", f"{either_url}/ui/regions", json={"instance": ROW, **AXES}, timeout=10)
    rows = np.tile(np.array(ROW), (400, 1))
    rows[:, 2], rows[:, 3] = 1 + (np.arange(400) + 0.5) * 6 / 400, 0.5 * 3 / 400
    assert len(reply.content) == 160_000
    assert list(reply.content[:400]) == model.answer(rows).classes.tolist()


def test_each_row_of_a_part_of_a_table_is_answered(either_url):
    instances = [ROW, ["five", 3.5, 1.4, 0.2]] * 1_000
    reply = whole.request("POST", f"{either_url}/ui/rows", json={"instances": instances}, timeout=10)
    rows = reply.json()["rows"]
    assert [row.get("prediction") for row in rows] == [0, None] * 1_000
    assert rows[1] == {"error": '"sepal_length" is a string.'}
