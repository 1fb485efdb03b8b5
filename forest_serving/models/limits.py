"""What a model cannot do, in words, out of its card."""

from collections.abc import Iterator

from forest_serving.card import HIGHEST, Card
from forest_serving.few_of_many import in_a_sentence

_FEW_ROWS = 30  # of a class, or of the hold-out
_MOST_NAMES = 8


def limits_of(card: Card) -> tuple[str, ...]:
    """Return sentences that whoever relies on a model should know."""
    return (*_of_answers(card), *_of_input(card), *_of_report(card))


def _of_answers(card: Card) -> Iterator[str]:
    if card.is_classifier:
        yield f"It knows {len(card.classes)} classes, and answers with one of them for whatever it is sent."
    yield "It does not extrapolate: beyond the training range of a feature, its answer no longer changes with it."


def _of_input(card: Card) -> Iterator[str]:
    gaps = [feature.name for feature in card.features if feature.takes_missing]
    yield f"Missing values are answered in {_listed(gaps)}." if gaps else "Missing values are refused."
    categories = [feature for feature in card.features if feature.categories]
    if categories:
        open_ = [feature.name for feature in categories if feature.takes_unknown]
        yield f"Unknown categories are answered in {_listed(open_)}." if open_ else "Unknown categories are refused."
    if bounded := [f.name for f in card.features if f.lowest > -HIGHEST or f.highest < HIGHEST]:
        yield f"Some numbers are refused in {_listed(bounded)}: see their bounds."


def _of_report(card: Card) -> Iterator[str]:
    if not card.report:
        yield "It was saved without evaluation: how good its answers are is not known."
        return
    yield "The scores hold for rows like those of the hold-out; others may be answered worse."
    holdout = card.report.get("holdout", {})
    if 0 < holdout.get("rows", 0) < _FEW_ROWS:
        yield f"The hold-out has {holdout['rows']} rows only, so its scores are rough."
    scores = holdout.get("per_class", {})
    few = [name for name in card.class_names if name in scores and scores[name]["rows"] < _FEW_ROWS]
    if few:
        yield f"Scores of a class with fewer than {_FEW_ROWS} rows in the hold-out are rough: {_listed(few)}."
    if seen := card.report.get("split", {}).get("holdout_rows_also_in_training_data"):
        yield f"{seen:,} of the {holdout['rows']:,} rows of the test are in the training data, too."


def _listed(names: list[str]) -> str:
    return in_a_sentence([name[:60] for name in names], _MOST_NAMES)
