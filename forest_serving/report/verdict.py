"""Whether to train anew, and why: in one or two sentences."""

from collections.abc import Sequence
from typing import NamedTuple

from forest_serving.card import Card
from forest_serving.drift.watch import Look
from forest_serving.drift.window import LEAST_ROWS
from forest_serving.few_of_many import in_a_sentence
from forest_serving.report.truth import LEAST_LABELS, Score, accuracy_at_training, error_at_training
from forest_serving.wilson import wilson

_MOST_NAMES = 6


class Verdict(NamedTuple):
    """What to do: no, perhaps or yes, in a few words, and why."""

    kind: str
    head: str
    why: str


class Measured(NamedTuple):
    """How right the answers were: whether they are worse, whether the card tells how right they should be, in words."""

    is_worse: bool
    is_known: bool
    words: str


def verdict(card: Card, look: Look, scores: Sequence[Score]) -> Verdict:
    """Return whether to train anew.

    Args:
        card: the model's.
        look: how the rows differ from the training data.
        scores: of the answers whose truth is known, over time.
    """
    measured = _measured(card, scores)
    drifted = [seen.column.name for seen in look.columns if seen.has_drifted]
    if measured and measured.is_worse:
        return Verdict("yes", "Train anew.", f"{measured.words}{_also(look, drifted)}")
    if measured and not measured.is_known:
        words = f"{measured.words} How good it was at training is unknown: it was saved without a test."
        return Verdict("perhaps", "It grew no worse; more cannot be told.", f"{words}{_also(look, drifted)}")
    if measured:
        head = "No need to train anew yet." if drifted else "No need to train anew."
        return Verdict("perhaps" if drifted else "no", head, f"{measured.words}{_also(look, drifted)}")
    if look.n_rows < LEAST_ROWS:
        words = (
            f"Only {look.n_rows:,} rows were logged; {LEAST_ROWS} are needed to compare them with the training data."
        )
        return Verdict("perhaps", "Too few rows to tell.", words)
    if look.has_drifted is None:
        words = "The model was saved before its training data's counts were kept; save it again."
        return Verdict("perhaps", "It cannot be told.", words)
    return _by_drift(look, drifted)


def _by_drift(look: Look, drifted: list[str]) -> Verdict:
    if drifted:
        words = f"{in_a_sentence(drifted, _MOST_NAMES)} no longer {_look(drifted)} as in training."
        advice = " Collect labels of these requests: --labels then tells whether the answers are worse."
        return Verdict("perhaps", "Train anew with newer data, probably.", words + advice)
    words = f"All {look.n_rows:,} rows look like the training data. Labels (--labels) would tell more."
    return Verdict("no", "No reason to train anew.", words)


def _measured(card: Card, scores: Sequence[Score]) -> Measured | None:
    """Return how right the answers are beside those at training, or beside earlier ones; None if too few are known."""
    total = _sum(scores)
    if total.n < LEAST_LABELS:
        return None
    return _accuracy(card, scores, total) if card.is_classifier else _error(card, scores, total)


def _accuracy(card: Card, scores: Sequence[Score], total: Score) -> Measured:
    share, low, high = wilson(total.n_right, total.n)
    now = f"Of {total.n:,} rows with labels {share:.1%} were answered right (95 %: {low:.1%} to {high:.1%})"
    early, late = _halves(scores)
    before, (_, least, _), (latest, _, most) = (
        accuracy_at_training(card.report),
        wilson(early.n_right, early.n),
        wilson(late.n_right, late.n),
    )
    if before and high < before[1]:
        words = f"{now}, fewer than the {before[0]:.1%} (at least {before[1]:.1%}) of the training report."
        return Measured(True, True, words)
    told = f", {before[0]:.1%} in the training report" if before else ""
    if most < least:
        return Measured(True, bool(before), f"{now}{told}; of the latest quarter only {latest:.1%} (up to {most:.1%}).")
    return Measured(False, bool(before), f"{now}{told}.")


def _error(card: Card, scores: Sequence[Score], total: Score) -> Measured:
    mean, low, high = total.absolute_error()
    now = f"The mean absolute error of {total.n:,} rows with labels is {mean:.4g} (95 %: {low:.4g} to {high:.4g})"
    (_, _, most), (latest, least, _) = (each.absolute_error() for each in _halves(scores))
    before = error_at_training(card.report)
    if before and low > before[1]:
        words = f"{now}, more than the {before[0]:.4g} (at most {before[1]:.4g}) of the training report."
        return Measured(True, True, words)
    told = f", {before[0]:.4g} in the training report" if before else ""
    if least > most:
        return Measured(True, bool(before), f"{now}{told}; of the latest quarter it is {latest:.4g}.")
    return Measured(False, bool(before), f"{now}{told}.")


def _halves(scores: Sequence[Score]) -> tuple[Score, Score]:
    """Return the score of the earlier half of what is known, and that of the latest quarter."""
    n_all, n_seen = sum(score.n for score in scores), 0
    early, late = list[Score](), list[Score]()
    for score in (score for score in scores if score.n):
        if n_seen < n_all / 2:
            early.append(score)
        n_seen += score.n
        if n_seen > n_all * 3 / 4:
            late.append(score)
    return _sum(early), _sum(late)


def _sum(scores: Sequence[Score]) -> Score:
    found = Score()
    for score in scores:
        found.add(score)
    return found


def _also(look: Look, drifted: list[str]) -> str:
    if drifted:
        return f" {in_a_sentence(drifted, _MOST_NAMES)} no longer {_look(drifted)} as in training."
    return " The rows look like the training data." if look.has_drifted is False else ""


def _look(names: list[str]) -> str:
    return "looks" if len(names) == 1 else "look"
