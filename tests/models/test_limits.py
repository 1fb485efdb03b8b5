"""What a model cannot do, in words, out of its card."""

import msgspec
import pytest

from forest_serving.models.limits import limits_of
from tests.support.cards import CHURN, YES_NO, card, feature
from tests.support.regression import regression_card

REPORT = {"holdout": {"rows": 12, "per_class": {"yes, soon": {"rows": 2}, "no": {"rows": 100}}}}
TOLD = {
    "classes": (CHURN, "It knows 2 classes, and answers with one of them for whatever it is sent."),
    "extrapolation": (regression_card(), "beyond the training range of a feature, its answer no longer changes"),
    "gaps": (CHURN, "Missing values are answered in charges and region."),
    "no gaps": (regression_card(), "Missing values are refused."),
    "categories": (CHURN, "Unknown categories are answered in region."),
    "bounds": (CHURN, "Some numbers are refused in tenure"),
    "no report": (CHURN, "saved without evaluation"),
    "few rows": (msgspec.structs.replace(CHURN, report=REPORT), "The hold-out has 12 rows only"),
    "a rare class": (msgspec.structs.replace(CHURN, report=REPORT), "30 rows in the hold-out are rough: yes, soon."),
}


@pytest.mark.parametrize(("found", "words"), TOLD.values(), ids=TOLD)
def test_a_limit_is_told_in_a_sentence(found, words):
    assert any(words in sentence for sentence in limits_of(found))


def test_what_does_not_apply_is_not_told():
    told = " ".join(limits_of(card("plain", (feature("age"),), YES_NO, report={"holdout": {"rows": 1000}})))
    assert "categories" not in told
    assert "Some numbers are refused" not in told
    assert "evaluation" not in told


def test_long_lists_of_names_are_cut():
    names = [feature(f"column_{n}", takes_missing=True) for n in range(60)]
    assert "column_7 and 52 more" in " ".join(limits_of(card("many", tuple(names), YES_NO)))
