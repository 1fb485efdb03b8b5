"""Texts and numbers for a page of Markdown: what data calls its columns may hold anything."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from forest_serving.few_of_many import first_of
from forest_serving.text_tables import markdown

_LONGEST = 80  # characters of a name
# What would begin a link, HTML, code, a sign by its name, or letters that are bold or struck out; a _ between letters
# begins nothing, and names of columns are full of them.
_SIGNS = re.compile(r"[\\`*<\[~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of any texts; a row whose last text is empty is left out."""
    return markdown(head, ([cell(text) for text in row] for row in rows if row[-1]))


def cell(text: str) -> str:
    """Return a text in one line, in which nothing is Markdown."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def names(texts: Sequence[str], most: int = 30) -> str:
    """Return names with commas between them, the first ones of many."""
    return first_of([text[:_LONGEST] for text in texts], most)


def number(value: Any) -> str:
    """Return a number with five digits."""
    return f"{value:.5g}" if isinstance(value, float) else f"{value:,}"
