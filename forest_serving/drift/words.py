"""The verdicts, in words."""

from collections.abc import Iterator

from forest_serving.drift.columns import MISSING, ODD
from forest_serving.drift.reference import Difference
from forest_serving.drift.watch import Look, Seen
from forest_serving.drift.window import LEAST_ROWS
from forest_serving.few_of_many import in_a_sentence

SAVE_AGAIN = "the model was saved before its training data's counts were kept; save it again"
_MOST_NAMES = 8


def verdict(look: Look) -> str:
    """Return whether there is drift, in one or two sentences."""
    if not any(seen.column.training for seen in look.columns):
        return f"It cannot be told whether there is drift: {SAVE_AGAIN}."
    if look.n_rows < LEAST_ROWS:
        return f"Too few rows yet: {look.n_rows} were counted, {LEAST_ROWS} are needed."
    drifted = [seen.column.name for seen in look.columns if seen.has_drifted]
    if not drifted:
        return f"No drift: the latest {look.n_rows:,} rows look like the training data."
    named = in_a_sentence(drifted, _MOST_NAMES)
    return f"Drift of {named}: the latest {look.n_rows:,} rows do not look like the training data."


def column_words(seen: Seen) -> str:
    """Return what is the matter with a column, in one sentence."""
    if not seen.column.training:
        return f"It cannot be told: {SAVE_AGAIN}."
    if seen.whole is None:
        return "Too few rows yet."
    psi = f"PSI {seen.whole.psi:.2f}"
    for which, difference in (("", seen.whole), ("latest ", seen.recent)):
        if difference and difference.is_drift:
            return f"Drift of the {which}rows: {'; '.join(_reasons(seen, difference, which))}."
    if seen.whole.is_excused:
        return f"No drift: no feature has drifted, and new rows may be answered otherwise than learned ones ({psi})."
    return f"No drift ({psi})."


def _reasons(seen: Seen, difference: Difference, which: str) -> Iterator[str]:
    counts, training = seen.counts, seen.column.training
    if difference.spread.is_rare:
        yield f"they are spread otherwise than the training data (PSI {difference.psi:.2f})"
    for chance, place, what in (
        (difference.missing, MISSING, "have no value"),
        (difference.unknown, ODD, "have a category that the model does not know"),
    ):
        if chance.is_rare:
            now = "more" if which else f"{counts[place] / sum(counts):.1%}"
            yield f"{now} {what}, in the training data {training[place] / sum(training):.1%}"
