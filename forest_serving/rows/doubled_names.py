"""Finding names that an object of JSON has twice: JSON readers keep only the last."""

import json
import re
from collections.abc import Iterable
from typing import Any

from forest_serving.errors import InvalidInstances
from forest_serving.rows.words import shown

_SLOW_BYTES = 100_000  # Python's own reader, which tells of doubled names, takes 10 ms for more
_ESCAPES = re.compile(rb"\\(?:u003[aA]|.)", re.DOTALL)


def n_colons(value: Any) -> int:
    """Return how many colons the JSON text of a value has, if each name of an object is there once."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, list):
        inner = sum(n_colons(each) for each in value if isinstance(each, list | dict))
        return inner + "".join(each for each in value if isinstance(each, str)).count(":")
    if isinstance(value, dict):
        return len(value) + n_colons(list(value)) + n_colons(list(value.values()))
    return 0


def n_colons_in(content: bytes) -> int:
    """Return how many colons a JSON text has, some of which may be escaped."""
    plain = content.count(b":")
    if b"\\u003" not in content:
        return plain
    return plain + sum(1 for escape in _ESCAPES.findall(content) if len(escape) > 2)


def refuse_doubled_names(content: bytes, objects: Iterable[dict[str, Any]]) -> None:
    """Raise InvalidInstances if an object in a JSON text has a name twice.

    Args:
        content: the text.
        objects: what a reader made of it.
    """
    if n_colons_in(content) == sum(map(n_colons, objects)):
        return
    if len(content) > _SLOW_BYTES:
        raise InvalidInstances("Column names come twice; send each once.")
    json.loads(content, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise InvalidInstances(f'The column "{shown(name)}" comes twice; send each once.')
    return found
