"""Logs for tests of the report, as a server would have written them, of models in a store of this process."""

import csv

import numpy as np

from forest_serving.prediction_log.files import Files
from forest_serving.prediction_log.records import Recorder, parts_of

BEGIN_S, DAYS = 1_790_000_000.0, 3


def rows_like_training(card, n_rows, seed=0):
    """Return rows that are spread as the training data, as the card tells."""
    rng = np.random.default_rng(seed)
    return np.stack([column_like_training(each, n_rows, rng) for each in card.features], axis=1)


def column_like_training(feature, n_rows, rng):
    shares = np.array(feature.counts) / sum(feature.counts)
    places = rng.choice(len(shares), n_rows, p=shares)
    low, high = np.array(feature.deciles[:-1] or places), np.array(feature.deciles[1:] or places)
    column = low[places] + rng.random(n_rows) * (high - low)[places] if feature.deciles else places.astype(float)
    n_rows_trained = sum(feature.counts) + feature.n_missing
    return np.where(rng.random(n_rows) < feature.n_missing / n_rows_trained, np.nan, column)


def write_log(folder, model, rows, without=(), took_s=None):
    """Write a log in which each row is a request of its own, over DAYS; return what was answered."""
    recorder, files = Recorder(model, without), Files(folder, model.card.name, 10**9)
    results = list(model.answer(rows).results)
    times_s = BEGIN_S + DAYS * 86_400 * np.arange(len(rows)) / len(rows)
    took_s = np.full(len(rows), 3e-5) if took_s is None else took_s
    noted = [
        (float(times_s[n]), b"order-%d" % n, "/predict", float(took_s[n]), ([row], [result]))
        for n, (row, result) in enumerate(zip(rows.tolist(), results, strict=True))
    ]
    for parts in parts_of(noted, 400):
        files.write([files.prepare(recorder.records(parts))])
    return results


def write_truth(path, labels, with_row=True):
    """Write labels of the requests of write_log; None for those that are not known."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["request_id", "row", "label"] if with_row else ["label", "request_id"])
        for number, label in enumerate(labels):
            if label is not None:
                lines.writerow([f"order-{number}", 0, label] if with_row else [label, f"order-{number}"])
    return path
