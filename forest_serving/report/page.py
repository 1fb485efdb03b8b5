"""The report as one page, which needs nothing else."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from forest_serving.drift.columns import Column
from forest_serving.drift.reference import SMALL_PSI
from forest_serving.drift.watch import Seen
from forest_serving.drift.words import column_words
from forest_serving.report import charts, durations, parts
from forest_serving.report.findings import Findings
from forest_serving.report.lines import Line
from forest_serving.report.truth import Score, accuracy_at_training
from forest_serving.report.verdict import verdict
from forest_serving.report.words import duration, moment, size, span, value
from forest_serving.wilson import wilson

MOST_COLUMNS = 40  # are drawn: those that differ most
_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(found: Findings) -> str:
    """Return the report in HTML."""
    title = f"Prediction log of {found.card.name}"
    body = "".join(_sections(found, title))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE.read_text()}</style>'
        f"</head><body><main>{body}</main></body></html>\n"
    )


def _sections(found: Findings, title: str) -> Iterator[str]:
    score = found.total.score if found.truth else None
    told = verdict(found.card, found.look, found.scores)
    yield f"<h1>{escape(title)}</h1>"
    yield f'<div class="verdict {told.kind}"><strong>{escape(told.head)}</strong>{parts.paragraph(told.why)}</div>'
    yield _what_was_read(found)
    yield _answers(found)
    yield _accuracy(found, score) if score is not None else ""
    yield _drift(found)
    yield _slowest(found)
    yield _oddest(found)


def _what_was_read(found: Findings) -> str:
    lines, total, (begin_s, end_s) = found.lines, found.total, found.times.ends
    versions = ", ".join(f"{name} ({n:,} rows)" for name, n in found.tally.versions.most_common(8))
    endpoints = ", ".join(f"{name} ({n:,})" for name, n in found.tally.endpoints.most_common(8))
    pairs = [
        ("from", f"{moment(begin_s)} UTC"),
        ("to", f"{moment(end_s)} UTC, {span(end_s - begin_s)}"),
        ("logged", f"{total.n_rows:,} rows in {total.n_requests:,} requests"),
        ("read", f"{len(lines.files):,} files, {size(lines.n_bytes)}"),
        ("versions", versions),
        ("compared with", found.tag),
        ("asked at", endpoints),
    ]
    pairs += [("not logged", ", ".join(found.unlogged)), ("left out", _left_out(found))]
    return parts.facts((name, text) for name, text in pairs if text)


def _left_out(found: Findings) -> str:
    lines = found.lines
    counts = {
        "torn lines": lines.n_torn,
        "lines that are no records": lines.n_foreign,
        "records with an answer that this model does not give": found.n_unfit,
        **{f"records of the model {name}": n for name, n in lines.others.most_common(8)},
    }
    return "; ".join(f"{words}: {n:,}" for words, n in counts.items() if n)


def _answers(found: Findings) -> str:
    column, place = found.tally.shift.columns[-1], found.tally.shift.places[-1]
    if found.card.is_classifier:
        order = charts.ranked(column, found.total.counts[place])
        picture, legend = charts.classes_over_time(found.times, column, place), charts.class_legend(column, order)
        words = "Which share of the rows each class had."
    else:
        picture, legend, words = charts.numbers_over_time(found.times), [], "The mean of all answers."
    return parts.heading("Answers over time") + parts.figure(picture, words, legend)


def _accuracy(found: Findings, score: Score) -> str:
    head = parts.heading("Live accuracy")
    n_labels = found.truth.n_labels if found.truth else 0
    words = f"{score.n:,} of {n_labels:,} labels belong to a row of this log."
    if not score.n:
        return head + parts.paragraph(f"{words} Labels need the request ids that the log has.")
    if not found.card.is_classifier:
        mean, low, high = score.absolute_error()
        told = f"Mean absolute error {mean:.4g} (95 %: {low:.4g} to {high:.4g}), bias {score.error_sum / score.n:.4g}."
        return head + parts.paragraph(f"{told} {words}") + parts.figure(charts.errors_over_time(found.times))
    share, low, high = wilson(score.n_right, score.n)
    before = accuracy_at_training(found.card.report)
    at_training = f", {before[0]:.1%} at training" if before else ""
    told = f"{share:.1%} right (95 %, Wilson: {low:.1%} to {high:.1%}){at_training}. {words}"
    legend = [("c0", "right, with its 95 % interval"), ("soft", "at training")][: 2 if before else 1]
    picture = charts.accuracy_over_time(found.times, before[0] if before else None)
    return head + parts.paragraph(told) + parts.figure(picture, legend=legend) + _confusion(found, score)


def _confusion(found: Findings, score: Score) -> str:
    names = found.card.class_names
    wrong = sorted(((n, pair) for pair, n in score.pairs.items() if pair[0] != pair[1]), reverse=True)[:12]
    if not wrong:
        return ""
    rows = [(names[answer], names[truth], f"{n:,}") for n, (answer, truth) in wrong]
    return parts.table(("answered", "true", "rows"), rows, numbers=[2], caption="What was taken for what")


def _drift(found: Findings) -> str:
    hidden = set(found.unlogged)
    seen = [each for each in found.look.columns if each.column.name not in hidden]
    seen.sort(key=lambda each: -each.whole.psi if each.whole else 0.0)
    head = parts.heading("Features and answers beside the training data")
    rows = [_drift_row(each) for each in seen]
    told = parts.table(("column", "PSI", "of the latest", "missing", "in words"), rows, numbers=[1, 2, 3])
    drawn = f'<div class="all">{"".join(map(_column, seen[:MOST_COLUMNS]))}</div>'
    legend = [("c0", "in this log"), ("c7", "in training")]
    return f"{head}{told}{_drift_times(found, seen)}{parts.figure('', legend=legend)}{drawn}"


def _drift_row(seen: Seen) -> tuple[str, ...]:
    whole, recent = (f"{each.psi:.2f}" if each else "–" for each in (seen.whole, seen.recent))
    return seen.column.name, whole, recent, f"{seen.counts[0] / max(1, sum(seen.counts)):.1%}", column_words(seen)


def _drift_times(found: Findings, seen: list[Seen]) -> str:
    names = [each.column.name for each in seen if _is_known(each.column)][:MOST_COLUMNS]
    periods = found.periods()
    if not (names and periods):
        return ""
    legend = [
        ("good", f"PSI below {SMALL_PSI}"),
        ("fair", f"below {charts.LARGE_PSI}"),
        ("bad", f"{charts.LARGE_PSI} and more: another population"),
    ]
    return parts.heading("Drift over time", 3) + parts.figure(charts.drift_over_time(periods, names), legend=legend)


def _is_known(column: Column) -> bool:
    return bool(column.training)


def _column(seen: Seen) -> str:
    return f"<div>{parts.heading(seen.column.name, 3)}{parts.figure(charts.spread(seen))}</div>"


def _slowest(found: Findings) -> str:
    quantiles = [duration(durations.quantile(found.total.durations, share)) for share in (0.5, 0.99, 0.999)]
    words = "Half of the requests took up to {}, 99 % up to {}, 99.9 % up to {}.".format(*quantiles)
    legend = [("c0", "median"), ("c1", "99th percentile")]
    picture = parts.figure(charts.durations_over_time(found.times), legend=legend)
    rows = [(duration(line.duration_s), line.request_id, line.endpoint, _when(line)) for line in found.notable.slowest]
    listed = parts.table(("took", "request", "at", "when"), rows, numbers=[0])
    return parts.heading("Slowest requests") + parts.paragraph(words) + picture + listed


def _oddest(found: Findings) -> str:
    head = parts.heading("Oddest rows")
    if not found.notable.oddest:
        return head + parts.paragraph("None: no value is rare in the training data, or beyond their range.")
    names = {category.label: category.name for category in found.card.classes}
    rows = [
        (
            each.why,
            f"{value(names.get(each.line.prediction, each.line.prediction))}",
            _place(each.line),
            _when(each.line),
        )
        for each in found.notable.oddest
    ]
    words = "Those farthest from the training data: beyond its range, or with values that fewer than 1 % of it have."
    return head + parts.table(("why", "answer", "request, row", "when"), rows, caption=words)


def _place(line: Line) -> str:
    return f"{line.request_id}, {line.row}"


def _when(line: Line) -> str:
    return moment(line.time.timestamp())
