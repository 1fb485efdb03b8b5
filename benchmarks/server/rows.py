"""What is asked: rows in the range of the training data, and rows at the splits of the trees."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.server.peers import Peer

N_IN_RANGE, N_AT_SPLITS, N_ALONE = 1_000, 1_000, 100  # N_ALONE of each are also asked one by one
JSON, CLOSE = {"Content-Type": "application/json"}, {"Connection": "close"}
Rows = list[list[float]]


def rows_in_range(data: Any, n: int, seed: int = 0) -> Rows:
    """Return distinct rows between each feature's least and greatest value, with two digits after the point."""
    random = np.random.default_rng(seed)
    rows: dict[tuple[float, ...], None] = {}
    while len(rows) < n:
        drawn = random.uniform(data.min(axis=0), data.max(axis=0), (n, data.shape[1])).round(2)
        rows |= dict.fromkeys(map(tuple, drawn.tolist()))
    return [list(row) for row in islice(rows, n)]


def rows_at_splits(forest: Any, n: int = N_AT_SPLITS, seed: int = 0) -> Rows:
    """Return rows of which every value is a threshold, or the next double or float32 below or above it."""
    trees, random = [tree.tree_ for tree in forest.estimators_], np.random.default_rng(seed)
    columns = []
    for feature in range(forest.n_features_in_):
        at = np.concatenate([tree.threshold[tree.feature == feature] for tree in trees])
        single = at.astype(np.float32)
        near = [np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf)]
        near += [np.nextafter(single, np.float32(end)).astype(np.float64) for end in (-np.inf, np.inf)]
        columns.append(random.choice(np.concatenate(near), n))
    return [list(row) for row in np.stack(columns, axis=1).tolist()]


def bodies(peer: Peer, rows: Rows, rows_per_body: int = 1) -> list[bytes]:
    """Return what asks a peer for rows, some in each body."""
    starts = range(0, len(rows) - rows_per_body + 1, rows_per_body)
    return [peer.request(rows[start : start + rows_per_body]) for start in starts]


def write_requests(file: Path, path: str, contents: Iterable[bytes], headers: Mapping[str, str] = JSON) -> Path:
    """Write a file of complete requests, as generator/main.go reads it."""
    with file.open("wb") as out:
        for body in contents:
            fields = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            request = f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
            out.write(b"%d\n%b" % (len(request), request))
    return file
