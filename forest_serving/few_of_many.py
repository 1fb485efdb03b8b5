"""How many names are told in a few words: the first ones, and how many others there are."""

from collections.abc import Sequence


def first_of(texts: Sequence[str], most: int) -> str:
    """Return texts with commas between them: "a, b and 7 more"."""
    first, n_others = ", ".join(texts[:most]), len(texts) - most
    return first if n_others <= 0 else f"{first} and {n_others:,} more"


def in_a_sentence(texts: Sequence[str], most: int) -> str:
    """Return texts as one says them: "a, b and c", or "a, b and 7 more"."""
    if len(texts) > most:
        return first_of(texts, most)
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last
