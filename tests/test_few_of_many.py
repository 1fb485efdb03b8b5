"""Names in a few words: none more than are told, and none that says "and 0 more"."""

import pytest

from forest_serving.few_of_many import first_of, in_a_sentence


@pytest.mark.parametrize(
    ("n_names", "listed", "said"),
    [
        (1, "a", "a"),
        (2, "a, b", "a and b"),
        (3, "a, b, c", "a, b and c"),
        (4, "a, b, c and 1 more", "a, b, c and 1 more"),
        (2000, "a, b, c and 1,997 more", "a, b, c and 1,997 more"),
    ],
)
def test_up_to_three_are_named(n_names, listed, said):
    names = [*"abc", *["d"] * 1997][:n_names]
    assert (first_of(names, 3), in_a_sentence(names, 3)) == (listed, said)
