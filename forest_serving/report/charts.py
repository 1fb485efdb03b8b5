"""The report's pictures."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from forest_serving.drift.columns import FIRST, MISSING, ODD, Column
from forest_serving.drift.reference import SMALL_PSI
from forest_serving.drift.watch import Seen
from forest_serving.report import durations
from forest_serving.report.svg import LEFT, WIDTH, Plot, element, picture
from forest_serving.report.tally import Ints, Span
from forest_serving.report.truth import LEAST_LABELS, Score
from forest_serving.report.words import duration, moment, value
from forest_serving.wilson import wilson

N_COLOURS = 7  # one more stands for all other classes
LARGE_PSI = 0.25  # as is usual
Points = list[tuple[float, float]]
_ROW_HEIGHT, _SMALL_HEIGHT, _NAME_WIDTH = 18, 150, 150


class Times(NamedTuple):
    """Spans of time, in their order: when each begins, and how long it is."""

    spans: Sequence[tuple[float, Span]]
    width_s: float

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of all, in seconds since 1970."""
        return self.spans[0][0], self.spans[-1][0] + self.width_s

    @property
    def words(self) -> tuple[str, str]:
        """The same to read."""
        return moment(self.ends[0]), moment(self.ends[1])


def classes_over_time(times: Times, column: Column, place: slice) -> str:
    """Return which share of the rows each class had, over time."""
    order = ranked(column, sum((span.counts[place] for _, span in times.spans[1:]), times.spans[0][1].counts[place]))
    plot = Plot(times.ends, (0.0, 1.0))
    return picture([plot.axes(_SHARES, times.words), *_stacks(plot, times, column, place, order)], "Classes over time")


def _stacks(plot: Plot, times: Times, column: Column, place: slice, order: Sequence[int]) -> Iterator[str]:
    for begin, span in times.spans:
        counts, low = span.counts[place], 0.0
        for number, bin_ in enumerate(order):
            share = float(counts[bin_]) / max(1, span.n_rows)
            title = f"{moment(begin)}: {share:.1%} {_class_name(column, bin_)}"
            yield plot.bar((begin, begin + times.width_s), (low, low + share), f"c{min(number, N_COLOURS)}", title)
            low += share


def ranked(column: Column, counts: Ints) -> list[int]:
    """Return the bins of classes, the commonest first."""
    return sorted(range(FIRST, column.n_bins), key=lambda bin_: (-counts[bin_], bin_))


def class_legend(column: Column, order: Sequence[int]) -> list[tuple[str, str]]:
    """Return the style and the name of each class that has a colour of its own."""
    shown = [(f"c{number}", _class_name(column, bin_)) for number, bin_ in enumerate(order[:N_COLOURS])]
    return shown + ([(f"c{N_COLOURS}", "others")] if len(order) > N_COLOURS else [])


def numbers_over_time(times: Times) -> str:
    """Return a regressor's mean answer over time."""
    points = [(begin + times.width_s / 2, span.answer_sum / span.n_rows) for begin, span in times.spans if span.n_rows]
    return _lines(times, {"c0": points}, "Mean answer over time", "{:.4g}".format)


def durations_over_time(times: Times) -> str:
    """Return the median and the 99th percentile of durations over time."""
    lines: dict[str, Points] = {"c0": [], "c1": []}
    for begin, span in times.spans:
        for name, share in (("c0", 0.5), ("c1", 0.99)):
            if (found := durations.quantile(span.durations, share)) is not None:
                lines[name].append((begin + times.width_s / 2, found))
    return _lines(times, lines, "Median and 99th percentile of durations over time", duration, low=0.0)


def accuracy_over_time(times: Times, before: float | None) -> str:
    """Return which share was right over time, with its interval, and at training."""
    scored = [(time_s, wilson(score.n_right, score.n)) for time_s, score in _scored(times)]
    lowest = min([low for _, (_, low, _) in scored] + ([before] if before is not None else []))
    plot = Plot(times.ends, (max(0.0, lowest - 0.02), 1.0))
    labels = [
        (plot.ys[0] + (1 - plot.ys[0]) * step / 4, f"{plot.ys[0] + (1 - plot.ys[0]) * step / 4:.0%}")
        for step in range(5)
    ]
    parts = [plot.axes(labels, times.words), plot.band([(x, low, high) for x, (_, low, high) in scored], "band")]
    if before is not None:
        parts.append(plot.line([(times.ends[0], before), (times.ends[1], before)], "before"))
    return picture(
        [*parts, plot.line([(x, share) for x, (share, _, _) in scored], "line l0")], "Live accuracy over time"
    )


def errors_over_time(times: Times) -> str:
    """Return a regressor's mean absolute error over time, with its interval."""
    scored = [(time_s, score.absolute_error()) for time_s, score in _scored(times)]
    plot = Plot(times.ends, (0.0, max(high for _, (_, _, high) in scored)))
    labels = [(plot.ys[1] * step / 4, f"{plot.ys[1] * step / 4:.3g}") for step in range(5)]
    band = plot.band([(x, low, high) for x, (_, low, high) in scored], "band")
    line = plot.line([(x, mean) for x, (mean, _, _) in scored], "line l0")
    return picture([plot.axes(labels, times.words), band, line], "Mean absolute error over time")


def _scored(times: Times) -> list[tuple[float, Score]]:
    """Return the middle of spans that have enough labels together to say something, and their score."""
    found, score, begin_s = [], Score(), times.ends[0]
    for start_s, span in times.spans:
        begin_s = begin_s if score.n else start_s
        score.add(span.score)
        if score.n >= LEAST_LABELS:
            found.append(((begin_s + start_s + times.width_s) / 2, score))
            score = Score()
    return found or [(sum(times.ends) / 2, score)]


def drift_over_time(periods: Sequence[tuple[float, float, dict[str, float]]], names: Sequence[str]) -> str:
    """Return each column's PSI in periods: when each begins and ends, and the PSI by column."""
    height = _ROW_HEIGHT * len(names) + 26
    left, first, last = LEFT + _NAME_WIDTH, periods[0][0], periods[-1][1]
    scale = (WIDTH - left - 4) / ((last - first) or 1)
    parts = []
    for row, name in enumerate(names):
        y = 4 + row * _ROW_HEIGHT
        parts.append(element("text", _short(name), x=left - 6, y=y + 12, text_anchor="end"))
        for begin, end, psi in periods:
            size = {"x": left + (begin - first) * scale, "width": max(1.0, (end - begin) * scale - 0.6)}
            title = element("title", f"{_short(name)}, {moment(begin)}: PSI {psi[name]:.2f}")
            parts.append(element("rect", title, y=y, height=_ROW_HEIGHT - 3, class_=level(psi[name]), **size))
    for x, anchor, time_s in ((left, "start", first), (WIDTH - 4, "end", last)):
        parts.append(element("text", moment(time_s), x=x, y=height - 6, text_anchor=anchor))
    return picture(parts, "Drift of each column over time", height)


def level(psi: float) -> str:
    """Return the style of a PSI: small, moderate or large."""
    return "small" if psi < SMALL_PSI else "moderate" if psi < LARGE_PSI else "large"


def spread(seen: Seen) -> str:
    """Return which shares of the rows fell into each bin of a column, beside those of the training data."""
    column, total = seen.column, max(1, sum(seen.counts))
    bins = [bin_ for bin_ in range(column.n_bins) if bin_ >= FIRST or seen.counts[bin_] or _training(column, bin_)]
    shares = [(seen.counts[bin_] / total, _training(column, bin_), bin_name(column, bin_)) for bin_ in bins]
    plot = Plot((0.0, float(len(bins))), (0.0, max(max(now, before) for now, before, _ in shares)), _SMALL_HEIGHT)
    parts = [plot.axes([(plot.ys[1], f"{plot.ys[1]:.0%}"), (0.0, "0")], (shares[0][2][:40], shares[-1][2][:40]))]
    for number, (now, before, name) in enumerate(shares):
        title = f"{name}: {now:.1%} of the rows, {before:.1%} in training"
        parts.append(plot.bar((number + 0.08, number + 0.48), (0.0, before), "then", title))
        parts.append(plot.bar((number + 0.5, number + 0.9), (0.0, now), "now", title))
    return picture(parts, f"{column.name}: the rows beside the training data", _SMALL_HEIGHT)


def bin_name(column: Column, bin_: int) -> str:
    """Return what a bin holds."""
    if bin_ == MISSING:
        return "missing"
    if not column.ends:
        return "unknown" if bin_ == ODD else _class_name(column, bin_)
    if bin_ == ODD:
        return f"below {value(column.ends[0])}"
    part = bin_ - FIRST
    return f"up to {value(column.ends[part + 1])}" if part + 1 < len(column.ends) else f"above {value(column.ends[-1])}"


def _lines(
    times: Times, lines: dict[str, Points], title: str, words: Callable[[float], str], low: float | None = None
) -> str:
    values = [y for points in lines.values() for _, y in points] or [0.0]
    plot = Plot(times.ends, (min(values) if low is None else low, max(values)))
    ticks = [plot.ys[0] + (plot.ys[1] - plot.ys[0]) * step / 4 for step in range(5)]
    labels = [(tick, words(tick)) for tick in ticks]
    drawn = [plot.line(points, f"line l{name[1:]}") for name, points in lines.items()]
    return picture([plot.axes(labels, times.words), *drawn], title)


def _training(column: Column, bin_: int) -> float:
    return column.training[bin_] / max(1, sum(column.training)) if column.training else 0.0


def _class_name(column: Column, bin_: int) -> str:
    number = bin_ - FIRST
    return str(column.labels[number]) if number < len(column.labels) else "others"


def _short(name: str) -> str:
    return escape(name if len(name) <= 24 else f"{name[:23]}…")


_SHARES = [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")]
